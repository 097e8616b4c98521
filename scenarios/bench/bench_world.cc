#include "scenarios/bench/bench_world.h"

#include "absl/strings/str_cat.h"

namespace simloop::scenarios {
namespace {

constexpr uint32_t kFirstAddress = 0x0a000001;  // 10.0.0.1

}  // namespace

sim::LinkOptions BenchWorld::Line() {
  sim::LinkOptions options;
  options.latency = absl::Milliseconds(1);
  options.rate = 10'000'000'000;
  return options;
}

void BenchWorld::AddHost() {
  sim::HostOptions options;
  options.name = absl::StrCat("h", hosts_.size());
  options.address = {kFirstAddress + static_cast<uint32_t>(hosts_.size())};
  options.descriptor_limit = 4'000'000;
  // The work loads are not about running out of what a kernel has.
  options.somaxconn = 1'000'000;
  options.first_ephemeral_port = 1024;
  options.last_ephemeral_port = 65535;
  hosts_.push_back(&world_.AddHost(options));
}

BenchWorld::~BenchWorld() {
  for (sim::Host* const host : hosts_) host->PowerOff();
}

void BenchWorld::Star(size_t clients) {
  for (size_t i = 0; i <= clients; ++i) {
    AddHost();
    if (i > 0) world_.AddLink(*hosts_[i], *hosts_[0], Line());
  }
  for (sim::Host* host : hosts_) {
    processes_.push_back(std::make_unique<BenchProcess>(world_, *host));
  }
}

void BenchWorld::Mesh(size_t hosts) {
  for (size_t i = 0; i < hosts; ++i) {
    AddHost();
    for (size_t j = 0; j < i; ++j) {
      world_.AddLink(*hosts_[i], *hosts_[j], Line());
    }
  }
  for (sim::Host* host : hosts_) {
    processes_.push_back(std::make_unique<BenchProcess>(world_, *host));
  }
}

void BenchWorld::Run(absl::Duration limit) {
  for (const auto& process : processes_) process->Start();
  world_.Run(world_.Now() + limit);
}

}  // namespace simloop::scenarios
