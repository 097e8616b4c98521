#include "scenarios/bench/floor.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace simloop::scenarios {
namespace {

constexpr uint64_t kMessageBytes = 64;
constexpr uint64_t kHeaderBytes = 40;
constexpr int64_t kLatencyNanos = 1'000'000;
constexpr int64_t kTimeoutNanos = 200'000'000;
constexpr uint64_t kWindowBytes = 2'600'000;

// Times with a number of what happens then, the earliest first: a 4-ary heap
// of 16-byte entries.
class FloorQueue final {
 public:
  struct Entry {
    int64_t at;
    uint64_t order_and_what;  // 40 and 24 bits

    bool operator<(const Entry& other) const {
      return at != other.at ? at < other.at
                            : order_and_what < other.order_and_what;
    }
    uint32_t what() const { return order_and_what & 0xffffff; }
  };

  bool empty() const { return heap_.empty(); }

  void Push(int64_t at, uint32_t what) {
    const Entry entry{at, order_++ << 24 | what};
    size_t i = heap_.size();
    heap_.push_back(entry);
    while (i > 0 && entry < heap_[(i - 1) / 4]) {
      heap_[i] = heap_[(i - 1) / 4];
      i = (i - 1) / 4;
    }
    heap_[i] = entry;
  }

  Entry Pop() {
    const Entry first = heap_[0];
    const Entry last = heap_.back();
    heap_.pop_back();
    size_t i = 0;
    while (i * 4 + 1 < heap_.size()) {
      const size_t end = std::min(i * 4 + 5, heap_.size());
      size_t least = i * 4 + 1;
      for (size_t j = least + 1; j < end; ++j) {
        if (heap_[j] < heap_[least]) least = j;
      }
      if (!(heap_[least] < last)) break;
      heap_[i] = heap_[least];
      i = least;
    }
    if (!heap_.empty()) heap_[i] = last;
    return first;
  }

 private:
  std::vector<Entry> heap_;
  uint64_t order_ = 0;
};

// One direction of the line.
class FloorLine final {
 public:
  int64_t Arrival(int64_t now, uint64_t bytes) {
    // 10 Gbit/s are 10 bits a nanosecond.
    busy_until_ = std::max(now, busy_until_) +
                  static_cast<int64_t>((bytes + kHeaderBytes) * 8 / 10);
    return busy_until_ + kLatencyNanos;
  }

 private:
  int64_t busy_until_ = 0;
};

class FloorEcho final {
 public:
  FloorEcho(uint64_t clients, uint64_t rounds)
      : ends_(2 * clients), packets_(2 * clients) {
    while (slots_ < 8 * clients) slots_ *= 2;
    keys_.resize(slots_);
    places_.resize(slots_);
    for (uint32_t i = 0; i < ends_.size(); ++i) {
      ends_[i].left = rounds;
      ends_[i].readable = i % 2 == 0 ? &ClientReadable : &ServerReadable;
      size_t slot = Hash(i);
      while (keys_[slot] != 0) slot = (slot + 1) % slots_;
      keys_[slot] = Key(i);
      places_[slot] = i;
      free_.push_back(i);
    }
  }

  void Run() {
    const char message[kMessageBytes] = {};
    for (uint32_t i = 1; i < ends_.size(); i += 2) Send(i, message);
    while (!queue_.empty()) {
      const FloorQueue::Entry entry = queue_.Pop();
      now_ = entry.at;
      ++events_;
      Packet& packet = packets_[entry.what()];
      const uint32_t index = Find(packet.to);
      End& end = ends_[index];
      std::memcpy(end.buffer, packet.data, kMessageBytes);
      end.deadline = now_ + kTimeoutNanos;
      free_.push_back(entry.what());
      end.readable(*this, index);
    }
  }

  uint64_t made() const { return made_; }
  uint64_t events() const { return events_; }
  int64_t now() const { return now_; }

 private:
  struct alignas(64) Packet {
    uint64_t to;
    char data[1500];
  };
  struct alignas(64) End {
    uint64_t left = 0;
    int64_t deadline = 0;
    void (*readable)(FloorEcho&, uint32_t) = nullptr;
    char buffer[kMessageBytes];
  };

  static uint64_t Key(uint32_t end) {
    return (end + uint64_t{1}) * 0x9e37'79b9'7f4a'7c15;
  }
  size_t Hash(uint32_t end) const { return Key(end) >> 20 & (slots_ - 1); }

  uint32_t Find(uint64_t key) const {
    size_t slot = key >> 20 & (slots_ - 1);
    while (keys_[slot] != key) slot = (slot + 1) & (slots_ - 1);
    return places_[slot];
  }

  void Send(uint32_t to, const char* data) {
    const uint32_t place = free_.back();
    free_.pop_back();
    packets_[place].to = Key(to);
    std::memcpy(packets_[place].data, data, kMessageBytes);
    queue_.Push(lines_[to % 2].Arrival(now_, kMessageBytes), place);
  }

  static void ClientReadable(FloorEcho& echo, uint32_t index) {
    char message[kMessageBytes];
    std::memcpy(message, echo.ends_[index].buffer, kMessageBytes);
    ++echo.made_;
    if (--echo.ends_[index].left > 0) echo.Send(index + 1, message);
  }
  static void ServerReadable(FloorEcho& echo, uint32_t index) {
    char message[kMessageBytes];
    std::memcpy(message, echo.ends_[index].buffer, kMessageBytes);
    echo.Send(index - 1, message);
  }

  std::vector<End> ends_;  // even: clients; odd: their servers
  std::vector<Packet> packets_;
  std::vector<uint32_t> free_;
  size_t slots_ = 1;
  std::vector<uint64_t> keys_;
  std::vector<uint32_t> places_;
  FloorQueue queue_;
  FloorLine lines_[2];
  int64_t now_ = 0;
  uint64_t made_ = 0;
  uint64_t events_ = 0;
};

class FloorStream final {
 public:
  FloorStream(uint64_t bytes, uint64_t segment_bytes)
      : bytes_(bytes),
        segment_bytes_(segment_bytes),
        source_(segment_bytes, 'x'),
        target_(segment_bytes),
        segments_(kWindowBytes / segment_bytes + 1) {
    for (uint32_t i = 0; i < segments_.size(); ++i) {
      segments_[i].data.resize(segment_bytes);
      free_.push_back(i);
    }
  }

  void Run() {
    Pump();
    while (!queue_.empty()) {
      const FloorQueue::Entry entry = queue_.Pop();
      now_ = entry.at;
      ++events_;
      if (entry.what() == kAck) {
        acked_ = std::min(got_, acked_ + 2 * segment_bytes_);
        Pump();
      } else {
        Take(entry.what());
      }
    }
  }

  uint64_t got() const { return got_; }
  uint64_t events() const { return events_; }
  int64_t now() const { return now_; }

 private:
  static constexpr uint32_t kAck = 0xffffff;
  struct Segment {
    std::vector<char> data;
    uint64_t bytes = 0;
  };

  void Pump() {
    while (sent_ < bytes_ && sent_ - acked_ + segment_bytes_ <= kWindowBytes &&
           !free_.empty()) {
      const uint32_t place = free_.back();
      free_.pop_back();
      Segment& segment = segments_[place];
      segment.bytes = std::min(segment_bytes_, bytes_ - sent_);
      std::memcpy(segment.data.data(), source_.data(), segment.bytes);
      sent_ += segment.bytes;
      queue_.Push(there_.Arrival(now_, segment.bytes), place);
    }
  }
  void Take(uint32_t place) {
    Segment& segment = segments_[place];
    std::memcpy(target_.data(), segment.data.data(), segment.bytes);
    got_ += segment.bytes;
    free_.push_back(place);
    if (++pending_ < 2 && got_ < bytes_) return;
    pending_ = 0;
    queue_.Push(back_.Arrival(now_, 0), kAck);
  }

  const uint64_t bytes_;
  const uint64_t segment_bytes_;
  std::vector<char> source_;
  std::vector<char> target_;
  std::vector<Segment> segments_;
  std::vector<uint32_t> free_;
  FloorQueue queue_;
  FloorLine there_;
  FloorLine back_;
  int64_t now_ = 0;
  uint64_t sent_ = 0;
  uint64_t got_ = 0;
  uint64_t acked_ = 0;
  uint64_t pending_ = 0;
  uint64_t events_ = 0;
};

}  // namespace

Measurement FloorPingPong(uint64_t clients, uint64_t rounds) {
  Measurement result;
  result.peer = "floor";
  result.work = "pingpong";
  result.n = clients;
  result.r = rounds;
  FloorEcho echo(clients, rounds);
  const Meter meter;
  echo.Run();
  meter.Stop(&result, clients);
  result.figure = "rt_per_cpu_s";
  result.value = static_cast<double>(echo.made()) / result.cpu_seconds;
  result.events = echo.events();
  result.simulated_seconds = 1e-9 * echo.now();
  result.done = echo.made() == clients * rounds;
  return result;
}

Measurement FloorBulk(uint64_t bytes, uint64_t segment_bytes) {
  Measurement result;
  result.peer = "floor";
  result.work = "bulk";
  result.n = bytes;
  result.r = segment_bytes;
  FloorStream stream(bytes, segment_bytes);
  const Meter meter;
  stream.Run();
  meter.Stop(&result, 1);
  result.figure = "cpu_s_per_gb";
  result.value = result.cpu_seconds / (static_cast<double>(bytes) / 1e9);
  result.events = stream.events();
  result.simulated_seconds = 1e-9 * stream.now();
  result.done = stream.got() == bytes;
  return result;
}

}  // namespace simloop::scenarios
