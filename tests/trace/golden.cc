// Reads golden files from the test's data, and writes them to the workspace.
#include "tests/trace/golden.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace simloop::trace {

std::string Golden(const std::string& name, const std::string& got) {
  const std::string path = "tests/trace/golden/" + name;
  const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
  if (workspace != nullptr && std::getenv("UPDATE_GOLDEN") != nullptr) {
    std::ofstream(std::string(workspace) + "/" + path) << got;
    return got;
  }
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

}  // namespace simloop::trace
