// Binary: runs the built simloop command as a person does, through a shell.
#ifndef TESTS_SCENARIOS_BINARY_H_
#define TESTS_SCENARIOS_BINARY_H_

#include <sys/wait.h>

#include <cstdio>
#include <string>

#include "gtest/gtest.h"

namespace simloop::scenarios {

struct Finished {
  int status = -1;
  std::string out;  // stdout and stderr

  // The last line, without its end.
  std::string last_line() const {
    const std::string text = out.substr(0, out.find_last_not_of('\n') + 1);
    return text.substr(text.rfind('\n') + 1);
  }
};

// What the shell makes of `command_line`.
inline Finished Run(const std::string& command_line) {
  Finished finished;
  FILE* const pipe = popen(("{ " + command_line + "\n} 2>&1").c_str(), "r");
  if (pipe == nullptr) return finished;
  char buffer[4096];
  size_t read = 0;
  while ((read = fread(buffer, 1, sizeof buffer, pipe)) > 0) {
    finished.out.append(buffer, read);
  }
  const int status = pclose(pipe);
  finished.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return finished;
}

// `simloop COMMAND_LINE`.
inline Finished Simloop(const std::string& command_line) {
  return Run("scenarios/simloop " + command_line);
}

}  // namespace simloop::scenarios

#endif  // TESTS_SCENARIOS_BINARY_H_
