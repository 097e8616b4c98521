// Writes and reads the entries of a trace file.
#include "trace/trace_file.h"

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/util/delimited_message_util.h"
#include "trace/trace.pb.h"
#include "trace/trace_encoding.h"

namespace simloop::trace {
namespace {

constexpr absl::string_view kMagic = "SIMLOOP\n";
constexpr uint32_t kVersion = 1;

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

void AppendEntry(const pb::Entry& entry, std::string& bytes) {
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::util::SerializeDelimitedToZeroCopyStream(entry, &stream);
}

absl::Status Invalid(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

// Reads one trace from its entries.
class Parser final {
 public:
  absl::StatusOr<Trace> Parse(absl::string_view bytes) {
    google::protobuf::io::ArrayInputStream stream(
        bytes.data(), static_cast<int>(bytes.size()));
    for (entries_ = 1; !ended_; ++entries_) {
      pb::Entry entry;
      bool clean_eof = false;
      if (!google::protobuf::util::ParseDelimitedFromZeroCopyStream(
              &entry, &stream, &clean_eof)) {
        return Invalid(
            clean_eof
                ? absl::StrCat("it ends after entry ", entries_ - 1,
                               ", expected the end entry")
                : absl::StrCat("entry ", entries_, " is damaged or cut short"));
      }
      if (absl::Status status = TakeEntry(entry); !status.ok()) {
        return Invalid(
            absl::StrCat("entry ", entries_, ": ", status.message()));
      }
    }
    if (stream.ByteCount() != static_cast<int64_t>(bytes.size())) {
      return Invalid("something follows the end entry");
    }
    return std::move(trace_);
  }

 private:
  absl::Status TakeEntry(const pb::Entry& entry) {
    if (entries_ == 1) {
      if (!entry.has_header()) return Invalid("expected a header");
      return TakeHeader(entry.header());
    }
    if (entry.has_end()) return TakeEnd(entry.end());
    if (!entry.has_record()) return Invalid("expected a record or the end");
    absl::StatusOr<Record> record = DecodeRecord(entry.record());
    if (!record.ok()) return record.status();
    record->id = trace_.size() + 1;
    if (record->cause >= record->id) {
      return Invalid(absl::StrCat("cause is ", record->cause,
                                  ", expected an earlier record than ",
                                  record->id));
    }
    trace_.Take(*record);
    return absl::OkStatus();
  }

  absl::Status TakeHeader(const pb::Header& header) {
    if (header.version() != kVersion) {
      return Invalid(absl::StrCat("the trace's version is ", header.version(),
                                  ", expected ", kVersion));
    }
    std::vector<ProcessInfo> processes;
    for (const pb::Process& process : header.processes()) {
      absl::StatusOr<loop::Address> address = DecodeAddress(process.address());
      if (!address.ok()) return address.status();
      processes.push_back({process.host(),
                           *address,
                           {process.owners().begin(), process.owners().end()}});
    }
    trace_.SetProcesses(std::move(processes));
    return absl::OkStatus();
  }

  absl::Status TakeEnd(const pb::End& end) {
    if (end.records() != trace_.size()) {
      return Invalid(absl::StrCat("there are ", trace_.size(),
                                  " records, expected ", end.records()));
    }
    if (end.hash() != trace_.hash()) {
      return Invalid(absl::StrFormat(
          "the records' hash is %016x, expected %016x: they were changed",
          trace_.hash(), end.hash()));
    }
    ended_ = true;
    return absl::OkStatus();
  }

  Trace trace_;
  uint64_t entries_ = 0;
  bool ended_ = false;
};

absl::Status FileError(const std::string& path, absl::string_view what) {
  const std::string text =
      absl::StrCat(path, ": cannot be ", what, ": ", std::strerror(errno));
  return errno == ENOENT ? absl::NotFoundError(text)
                         : absl::UnavailableError(text);
}

}  // namespace

std::string SerializeTrace(const Trace& trace) {
  std::string bytes(kMagic.data(), kMagic.size());
  pb::Entry entry;
  pb::Header& header = *entry.mutable_header();
  header.set_version(kVersion);
  for (const ProcessInfo& info : trace.processes()) {
    pb::Process& process = *header.add_processes();
    process.set_host(info.host);
    EncodeAddress(info.address, *process.mutable_address());
    for (const std::string& owner : info.owners) process.add_owners(owner);
  }
  AppendEntry(entry, bytes);
  for (RecordId id = 1; id <= trace.size(); ++id) {
    entry.Clear();
    EncodeRecord(trace.Get(id), *entry.mutable_record());
    AppendEntry(entry, bytes);
  }
  entry.Clear();
  entry.mutable_end()->set_records(trace.size());
  entry.mutable_end()->set_hash(trace.hash());
  AppendEntry(entry, bytes);
  return bytes;
}

absl::StatusOr<Trace> ParseTrace(absl::string_view bytes,
                                 absl::string_view name) {
  // The parser of protobuf counts bytes in an int.
  if (bytes.size() > 0x7fffffff) {
    return Invalid(absl::StrCat(name, ": larger than 2 GiB"));
  }
  if (bytes.substr(0, kMagic.size()) != kMagic) {
    return Invalid(absl::StrCat(
        name, ": not a trace, expected it to begin with \"SIMLOOP\\n\""));
  }
  bytes.remove_prefix(kMagic.size());
  absl::StatusOr<Trace> trace = Parser().Parse(bytes);
  if (!trace.ok()) {
    return Invalid(absl::StrCat(name, ": ", trace.status().message()));
  }
  return trace;
}

absl::Status SaveTrace(const Trace& trace, const std::string& path) {
  return SaveBytes(SerializeTrace(trace), path);
}

absl::Status SaveBytes(absl::string_view bytes, const std::string& path) {
  File file(std::fopen(path.c_str(), "wb"), &std::fclose);
  if (file == nullptr) return FileError(path, "opened for writing");
  if (std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size() ||
      std::fflush(file.get()) != 0) {
    return FileError(path, "written");
  }
  return absl::OkStatus();
}

absl::StatusOr<Trace> LoadTrace(const std::string& path) {
  File file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (file == nullptr) return FileError(path, "opened");
  std::string bytes;
  char block[1 << 16];
  while (const size_t size = std::fread(block, 1, sizeof(block), file.get())) {
    bytes.append(block, size);
  }
  if (std::ferror(file.get())) return FileError(path, "read");
  return ParseTrace(bytes, path);
}

}  // namespace simloop::trace
