// The `bench` command: measures a work load, and prints what came of it as one
// line of JSON; or all of them, as a table beside the floor.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "scenarios/bench/floor.h"
#include "scenarios/bench/works.h"
#include "scenarios/commands/command.h"
#include "scenarios/nearest.h"

namespace simloop::scenarios {
namespace {

// What a work load is asked with.
struct Order {
  std::vector<uint64_t> numbers;
  bool other_form = false;  // the second of a work load's two
  bool floor = false;
};

struct Work {
  const char* name;
  std::vector<const char*> numbers;  // what each of them is
  // The most of each that still ends, and fits a machine's memory and ports.
  std::vector<uint64_t> most;
  std::vector<const char*> forms;  // one of the two may follow
  Measurement (*run)(const Order& order);
  Measurement (*floor)(const Order& order);  // null: there is none
};

constexpr uint64_t kTrillion = 1'000'000'000'000;
constexpr uint64_t kLinkSegmentBytes = 1448;

const std::vector<Work>& Works() {
  static const std::vector<Work>& works = *new std::vector<Work>{
      {"pingpong",
       {"N", "R"},
       {60'000, kTrillion},
       {"fanin", "star"},
       [](const Order& o) {
         return PingPong(o.numbers[0], o.numbers[1], o.other_form);
       },
       [](const Order& o) {
         return FloorPingPong(o.numbers[0], o.numbers[1]);
       }},
      {"bulk",
       {"BYTES"},
       {kTrillion},
       {},
       [](const Order& o) { return Bulk(o.numbers[0]); },
       [](const Order& o) {
         return FloorBulk(o.numbers[0], kLinkSegmentBytes);
       }},
      {"churn",
       {"K", "C"},
       {100'000'000, 50'000},
       {"close", "end"},
       [](const Order& o) {
         return Churn(o.numbers[0], o.numbers[1], o.other_form);
       },
       nullptr},
      {"idle",
       {"N"},
       {3'000'000},
       {},
       [](const Order& o) { return Idle(o.numbers[0]); },
       nullptr},
      {"http",
       {"N", "R"},
       {60'000, kTrillion},
       {},
       [](const Order& o) { return Http(o.numbers[0], o.numbers[1]); },
       nullptr},
      {"mesh",
       {"HOSTS", "SECONDS"},
       {10'000, kTrillion},
       {"together", "spread"},
       [](const Order& o) {
         return Mesh(o.numbers[0], o.numbers[1], o.other_form);
       },
       nullptr},
      {"worlds",
       {"N"},
       {kTrillion},
       {},
       [](const Order& o) { return Worlds(o.numbers[0]); },
       nullptr},
  };
  return works;
}

std::string Form(const Work& work) {
  const std::string form =
      absl::StrCat(work.name, " ", absl::StrJoin(work.numbers, " "));
  if (work.forms.empty()) return form;
  return absl::StrCat(form, " [", absl::StrJoin(work.forms, "|"), "]");
}

absl::Status Wrong(absl::string_view text) {
  return absl::InvalidArgumentError(absl::StrCat("bench: ", text));
}

// `word` as one of `work`'s numbers.
absl::Status ReadNumber(const Work& work, size_t index, const std::string& word,
                        Order* order) {
  uint64_t number = 0;
  if (!absl::SimpleAtoi(word, &number) || number < 1 ||
      number > work.most[index]) {
    return Wrong(absl::StrCat(
        work.numbers[index], " of ", work.name, " is \"", word.substr(0, 40),
        "\", expected a whole number from 1 to ", work.most[index]));
  }
  order->numbers.push_back(number);
  return absl::OkStatus();
}

// The words behind the name of `work`.
absl::Status ReadOrder(const Work& work, const std::vector<std::string>& words,
                       Order* order) {
  const size_t wanted = work.numbers.size();
  if (words.size() < wanted ||
      words.size() > wanted + (work.forms.empty() || order->floor ? 0 : 1)) {
    return Wrong(
        absl::StrCat("expected ", order->floor ? "floor " : "", Form(work)));
  }
  for (size_t i = 0; i < wanted; ++i) {
    const absl::Status status = ReadNumber(work, i, words[i], order);
    if (!status.ok()) return status;
  }
  if (words.size() == wanted) return absl::OkStatus();
  order->other_form = words[wanted] == work.forms[1];
  if (order->other_form || words[wanted] == work.forms[0]) {
    return absl::OkStatus();
  }
  return Wrong(absl::StrCat("the form of ", work.name, " is \"",
                            words[wanted].substr(0, 40), "\", expected ",
                            absl::StrJoin(work.forms, " or ")));
}

const Work* FindWork(const std::string& name) {
  for (const Work& work : Works()) {
    if (name == work.name) return &work;
  }
  return nullptr;
}

absl::Status UnknownWork(const std::string& name) {
  std::vector<std::string> names = {"floor", "all"};
  for (const Work& work : Works()) names.push_back(work.name);
  return Wrong(absl::StrCat("there is no work load \"", name.substr(0, 40),
                            "\"", DidYouMean(name, names), "; expected one of ",
                            absl::StrJoin(names, ", ")));
}

// --- All of them -------------------------------------------------------------

struct Row {
  std::vector<std::string> words;
};

const std::vector<Row>& Rows() {
  static const std::vector<Row>& rows = *new std::vector<Row>{
      {{"pingpong", "1", "300000"}},
      {{"pingpong", "100", "3000"}},
      {{"pingpong", "1000", "300"}},
      {{"pingpong", "10000", "30"}},
      {{"pingpong", "100", "3000", "star"}},
      {{"bulk", "1000000000"}},
      {{"churn", "100000", "100"}},
      {{"http", "1", "30000"}},
      {{"http", "100", "300"}},
      {{"http", "1000", "30"}},
      {{"worlds", "5000"}},
      {{"mesh", "100", "60"}},
      {{"mesh", "100", "60", "spread"}},
      {{"idle", "10000"}},
      {{"idle", "100000"}},
  };
  return rows;
}

void ShowProgress(const std::string& name) {
  static const bool terminal = isatty(STDERR_FILENO) != 0;
  if (terminal) absl::FPrintF(stderr, "\r\033[K%s", name);
}

// Prints one row; answers whether all of its work was done.
bool RunRow(const Row& row) {
  const Work& work = *FindWork(row.words[0]);
  Order order;
  // The words are our own, and right.
  const absl::Status status =
      ReadOrder(work, {row.words.begin() + 1, row.words.end()}, &order);
  const std::string name = absl::StrJoin(row.words, " ");
  if (!status.ok()) return false;
  ShowProgress(name);
  const Measurement stack = work.run(order);
  std::string floor;
  bool floor_done = true;
  if (work.floor != nullptr) {
    const Measurement least = work.floor(order);
    floor_done = least.done;
    const double ratio = absl::string_view(stack.figure) == "cpu_s_per_gb"
                             ? stack.value / least.value
                             : least.value / stack.value;
    floor = absl::StrFormat("%12.4g %8.1f", least.value, ratio);
  } else {
    floor = absl::StrFormat("%12s %8s", "", "");
  }
  ShowProgress("");
  const bool done = stack.done && floor_done;
  absl::PrintF("%-24s %-18s %12.4g %s %9.2f %10.0f%s\n", name, stack.figure,
               stack.value, floor, stack.cpu_seconds,
               stack.bytes_per_connection, done ? "" : "  FAILED");
  std::fflush(stdout);
  return done;
}

ExitStatus RunAll() {
  absl::PrintF("%-24s %-18s %12s %12s %8s %9s %10s\n", "work load", "figure",
               "simloop", "floor", "ratio", "CPU s", "bytes/conn");
  bool done = true;
  for (const Row& row : Rows()) done = RunRow(row) && done;
  return done ? kHolds : kFails;
}

ExitStatus RunBench(const Options& options) {
  std::vector<std::string> words = options.operands();
  if (words.empty()) {
    return WrongInput(Wrong("expected a work load: `simloop help bench`"));
  }
  Order order;
  order.floor = words[0] == "floor";
  if (order.floor) words.erase(words.begin());
  if (words.empty()) {
    return WrongInput(Wrong("expected floor pingpong N R or floor bulk BYTES"));
  }
  const std::string name = words[0];
  words.erase(words.begin());
  if (name == "all" && !order.floor) {
    if (!words.empty()) return WrongInput(Wrong("all takes nothing else"));
    return RunAll();
  }
  const Work* const work = FindWork(name);
  if (work == nullptr) return WrongInput(UnknownWork(name));
  if (order.floor && work->floor == nullptr) {
    return WrongInput(Wrong(absl::StrCat("there is no floor of ", name,
                                         ", only of pingpong and bulk")));
  }
  const absl::Status status = ReadOrder(*work, words, &order);
  if (!status.ok()) return WrongInput(status);
  const Measurement result =
      order.floor ? work->floor(order) : work->run(order);
  absl::PrintF("%s\n", result.Json());
  if (result.done) return kHolds;
  absl::PrintF("FAILED\n");
  return kFails;
}

}  // namespace

Command BenchCommand() {
  return {"bench",
          "WORK ...",
          "Measures how fast this machine simulates a work load.\n"
          "\n"
          "  pingpong N R [fanin|star]  N clients, R round trips of 64 bytes\n"
          "  bulk BYTES                 one client writes BYTES\n"
          "  churn K C [close|end]      K connections, by C clients\n"
          "  idle N                     N connections with nothing to do\n"
          "  http N R                   N clients, R requests each\n"
          "  mesh HOSTS SECONDS [together|spread]\n"
          "                             a datagram a second for each pair\n"
          "  worlds N                   N worlds with one refused connect\n"
          "  floor pingpong N R         the least that must be done for it\n"
          "  floor bulk BYTES\n"
          "  all                        a table, with ratios to the floor\n"
          "\n"
          "Prints one line of JSON, and FAILED if not all work was done.",
          {},
          RunBench};
}

}  // namespace simloop::scenarios
