// The determinism rules, over tokens: names that are banned, and two patterns.
#include "tests/tidy_test/determinism_rules.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace simloop::tidy {
namespace {

// The comment that lets a table stand whose order no one sees.
constexpr absl::string_view kLookupOnly = "Looked up only";

constexpr absl::string_view kClocks[] = {
    "clock_gettime", "clock_nanosleep", "gettimeofday",
    "timespec_get",  "chrono",          "nanosleep",
    "usleep",        "SleepFor",        "GetCurrentTimeNanos"};
constexpr absl::string_view kRandomness[] = {
    "rand",      "srand",         "rand_r",      "drand48",
    "getrandom", "getentropy",    "arc4random",  "random_device",
    "mt19937",   "mt19937_64",    "minstd_rand", "default_random_engine",
    "BitGen",    "InsecureBitGen"};
constexpr absl::string_view kThreads[] = {
    "jthread", "async",  "pthread_create",     "thread_local",
    "mutex",   "future", "condition_variable", "Mutex"};
constexpr absl::string_view kHashTables[] = {
    "unordered_map",      "unordered_multimap", "unordered_set",
    "unordered_multiset", "flat_hash_map",      "flat_hash_set",
    "node_hash_map",      "node_hash_set"};
constexpr absl::string_view kOrderedTables[] = {"map",
                                                "set",
                                                "multimap",
                                                "multiset",
                                                "btree_map",
                                                "btree_set",
                                                "btree_multimap",
                                                "btree_multiset",
                                                "priority_queue",
                                                "less"};

bool IsOneOf(absl::Span<const absl::string_view> names,
             absl::string_view name) {
  return absl::c_linear_search(names, name);
}

void Add(const SourceFile& file, int line, absl::string_view what,
         std::vector<Finding>* findings) {
  findings->push_back({file.path(), line, std::string(what)});
}

// Each use of a banned name, and each include of a banned header.
std::vector<Finding> Banned(const SourceFile& file,
                            absl::Span<const absl::string_view> names,
                            absl::Span<const absl::string_view> headers,
                            absl::string_view reason) {
  std::vector<Finding> findings;
  if (IsLiveBackEnd(file)) return findings;
  for (const Token& token : file.tokens()) {
    if (IsOneOf(names, token.text)) {
      Add(file, token.line, absl::StrCat(token.text, ": ", reason), &findings);
    }
  }
  for (const Include& include : file.includes()) {
    if (IsOneOf(headers, include.path)) {
      Add(file, include.line, absl::StrCat(include.path, ": ", reason),
          &findings);
    }
  }
  return findings;
}

// The token `ahead` places after `at`; "" beyond the end.
absl::string_view At(const SourceFile& file, size_t at, size_t ahead) {
  return at + ahead < file.tokens().size()
             ? absl::string_view(file.tokens()[at + ahead].text)
             : absl::string_view();
}

// time(NULL) and its like; a member named time takes no such argument.
bool IsCallOfTime(const SourceFile& file, size_t at) {
  static constexpr absl::string_view kArguments[] = {"nullptr", "NULL", "0",
                                                     "&"};
  return At(file, at, 0) == "time" && At(file, at, 1) == "(" &&
         IsOneOf(kArguments, At(file, at, 2));
}

// Whether the first template argument that opens at `at` ends in '*'.
bool FirstArgumentIsPointer(const SourceFile& file, size_t at) {
  int depth = 0;
  for (; at < file.tokens().size(); ++at) {
    const absl::string_view text = At(file, at, 0);
    if (text == ";" || text == "{") return false;
    if (text == "<" || text == "(") ++depth;
    const bool ends = (text == "," && depth == 1) || text == ">";
    if (ends && depth == 1) {
      const absl::string_view last = file.tokens()[at - 1].text;
      return last == "*" || (last == "const" && At(file, at - 2, 0) == "*");
    }
    if (text == ">" || text == ")") --depth;
  }
  return false;
}

// A program that is to be caught: its mistakes are meant.
bool IsPlanted(const SourceFile& file) {
  return file.IsIn("tests/scenarios/planted_kinds.");
}

}  // namespace

bool IsLiveBackEnd(const SourceFile& file) {
  return file.IsIn("loop/linux_") || file.IsIn("scenarios/live_") ||
         file.IsIn("scenarios/commands/serve.") ||
         file.IsIn("net/ares_resolver.") ||
         file.IsIn("conformance/live_") ||
         file.IsIn("conformance/network_namespace.") ||
         file.IsIn("conformance/children.");
}

std::vector<Finding> Clocks(const SourceFile& file) {
  static constexpr absl::string_view kHeaders[] = {
      "chrono", "ctime", "time.h", "sys/time.h", "absl/time/clock.h"};
  static constexpr absl::string_view kReason =
      "time is the world's; take a loop::Clock";
  std::vector<Finding> findings = Banned(file, kClocks, kHeaders, kReason);
  if (IsLiveBackEnd(file)) return findings;
  for (size_t i = 0; i < file.tokens().size(); ++i) {
    const bool absl_now = At(file, i, 0) == "absl" && At(file, i, 1) == ":" &&
                          At(file, i, 2) == ":" && At(file, i, 3) == "Now";
    if (absl_now || IsCallOfTime(file, i)) {
      Add(file, file.tokens()[i].line, kReason, &findings);
    }
  }
  return findings;
}

std::vector<Finding> ForeignRandomness(const SourceFile& file) {
  static constexpr absl::string_view kHeaders[] = {
      "random", "sys/random.h", "absl/random/random.h",
      "absl/random/distributions.h"};
  return Banned(file, kRandomness, kHeaders,
                "chance is a choice; ask the Scheduler");
}

std::vector<Finding> Threads(const SourceFile& file) {
  static constexpr absl::string_view kHeaders[] = {
      "thread",    "mutex",
      "future",    "condition_variable",
      "pthread.h", "absl/synchronization/mutex.h"};
  static constexpr absl::string_view kReason =
      "a run has one thread, and nothing in it is ambient";
  std::vector<Finding> findings = Banned(file, kThreads, kHeaders, kReason);
  if (IsLiveBackEnd(file)) return findings;
  for (size_t i = 0; i < file.tokens().size(); ++i) {
    if (At(file, i, 0) == "std" && At(file, i, 3) == "thread") {
      Add(file, file.tokens()[i].line, kReason, &findings);
    }
  }
  return findings;
}

std::vector<Finding> HashOrder(const SourceFile& file) {
  std::vector<Finding> findings;
  if (IsLiveBackEnd(file) || IsPlanted(file)) return findings;
  for (size_t i = 0; i < file.tokens().size(); ++i) {
    const Token& token = file.tokens()[i];
    const bool hash = (At(file, i, 0) == "std" && At(file, i, 3) == "hash") ||
                      (At(file, i, 0) == "absl" && At(file, i, 3) == "Hash");
    // An include names the table too; its use is what counts.
    const bool table =
        IsOneOf(kHashTables, token.text) && At(file, i, 1) == "<";
    if ((hash || table) && !file.HasComment(token.line, kLookupOnly)) {
      Add(file, token.line,
          absl::StrCat("hash order differs between runs; use an ordered table, "
                       "or say \"// ",
                       kLookupOnly, ": <why>\""),
          &findings);
    }
  }
  return findings;
}

std::vector<Finding> AddressOrder(const SourceFile& file) {
  std::vector<Finding> findings;
  if (IsLiveBackEnd(file) || IsPlanted(file)) return findings;
  for (size_t i = 0; i < file.tokens().size(); ++i) {
    const Token& token = file.tokens()[i];
    const bool keyed = IsOneOf(kOrderedTables, token.text) &&
                       At(file, i, 1) == "<" &&
                       FirstArgumentIsPointer(file, i + 1);
    const bool number = token.text == "uintptr_t" || token.text == "intptr_t";
    if ((keyed || number) && !file.HasComment(token.line, kLookupOnly)) {
      Add(file, token.line,
          absl::StrCat("addresses differ between runs; key by a number of "
                       "your own, or say \"// ",
                       kLookupOnly, ": <why>\""),
          &findings);
    }
  }
  return findings;
}

std::vector<Finding> FloatingPoint(const SourceFile& file) {
  static constexpr absl::string_view kNames[] = {"float", "double"};
  const bool decides = file.IsIn("sim/") || file.IsIn("loop/") ||
                       file.IsIn("net/") || file.IsIn("explore/");
  if (!decides) return {};
  return Banned(file, kNames, {},
                "floating point differs between compilers; count in integers");
}

}  // namespace simloop::tidy
