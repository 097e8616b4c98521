#include "scenarios/live_rerun.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "scenarios/input_file.h"
#include "trace/trace_file.h"

namespace simloop::scenarios {
namespace {

// A folder that is gone when this is.
class TemporaryFolder final {
 public:
  TemporaryFolder() {
    std::error_code error;
    std::string path =
        (std::filesystem::temp_directory_path(error) / "simloop-XXXXXX")
            .string();
    if (!error && mkdtemp(path.data()) != nullptr) path_ = path;
  }
  ~TemporaryFolder() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Runs this program; answers whether it ran at all, whatever came of it.
bool Spawn(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null",
                                   O_WRONLY, 0);
  pid_t pid = -1;
  const int failed = posix_spawn(&pid, "/proc/self/exe", &actions, nullptr,
                                 argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  return failed == 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status);
}

}  // namespace

absl::StatusOr<trace::Trace> RunElsewhere(const std::string& scenario_file,
                                          const explore::Schedule& schedule) {
  const TemporaryFolder folder;
  const std::string schedule_path = absl::StrCat(folder.path(), "/schedule");
  const std::string trace_path = absl::StrCat(folder.path(), "/trace");
  if (folder.path().empty()) {
    return absl::UnavailableError("no folder for temporary files");
  }
  const absl::Status written =
      WriteOutputFile(schedule_path, explore::ScheduleText(schedule));
  if (!written.ok()) return written;
  if (!Spawn({"simloop", "run", "--schedule", schedule_path, "--trace",
              trace_path, "--", scenario_file})) {
    return absl::UnavailableError("the second process has crashed");
  }
  return trace::LoadTrace(trace_path);
}

}  // namespace simloop::scenarios
