// What bind(2) takes of an address, in Linux's order, and where packets go.
#include "sim/inet_address.h"

#include "gtest/gtest.h"
#include "sim/host.h"
#include "sim/world.h"

namespace simloop::sim {
namespace {

using loop::Address;
using loop::Errno;
using loop::Ip;
using loop::Ipv4;

class InetAddressTest : public testing::Test {
 protected:
  static HostOptions Options() {
    HostOptions options;
    options.name = "host";
    options.address = {0x0a000001};
    return options;
  }
  Errno Bindable(const Binder& binder, const Address& address) {
    return CheckBindable(binder, host_, address);
  }

  World world_;
  Host& host_ = world_.AddHost(Options());
};

TEST_F(InetAddressTest, OwnAndSharedAddressesCanBeBound) {
  const Binder binder;
  for (const uint32_t bits :
       {0u, 0x7f000005u, 0x0a000001u, 0xffffffffu, 0xe0000001u, 0x7fffffffu}) {
    EXPECT_EQ(Bindable(binder, Address::Inet({bits}, 1)), Errno::kOk) << bits;
  }
  const Address strange = Address::Inet({0xc0000201}, 1);
  EXPECT_EQ(Bindable(binder, strange), Errno::kEADDRNOTAVAIL);
  EXPECT_EQ(Bindable({.nonlocal = true}, strange), Errno::kOk);
}

TEST_F(InetAddressTest, TheFamiliesLookAtThingsInAnotherOrder) {
  const Binder four{.settled = true};
  const Binder six{.family = loop::Family::kInet6, .settled = true};
  EXPECT_EQ(Bindable(four, Address::Inet({0xc0000201}, 1)),
            Errno::kEADDRNOTAVAIL);
  EXPECT_EQ(Bindable(six, Address::Inet6(Ip(0x2001'0db8'0000'0000, 1), 1)),
            Errno::kEINVAL);
}

TEST_F(InetAddressTest, AddressesOfAnInterfaceNeedAScope) {
  EXPECT_TRUE(NeedsScope(*Ip::Parse("fe80::1")));
  EXPECT_TRUE(NeedsScope(*Ip::Parse("ff02::1")));
  EXPECT_FALSE(NeedsScope(*Ip::Parse("ff05::1")));
  EXPECT_FALSE(NeedsScope(*Ip::Parse("::1")));
  EXPECT_FALSE(NeedsScope(Ipv4::Loopback()));
}

TEST_F(InetAddressTest, TheWayToNowhereLeadsHome) {
  Route route;
  EXPECT_EQ(FindRoute(host_, Ipv4::Any(), Ipv4::Any(), &route), Errno::kOk);
  EXPECT_EQ(route.to, Ip(Ipv4::Loopback()));
  EXPECT_EQ(FindRoute(host_, Ipv4::Any(), Ipv4{0x7f000002}, &route),
            Errno::kOk);
  EXPECT_EQ(route.to, Ip(Ipv4{0x7f000002}));
  EXPECT_EQ(FindRoute(host_, Ip::Any6(), Ip::Any6(), &route), Errno::kOk);
  EXPECT_EQ(route.to, Ip::Loopback6());
}

TEST_F(InetAddressTest, FamiliesDoNotMixOnTheWay) {
  Route route;
  EXPECT_EQ(FindRoute(host_, Ip::Loopback6(), Ipv4::Loopback(), &route),
            Errno::kEAFNOSUPPORT);
  EXPECT_EQ(FindRoute(host_, Ipv4{0xc0000201}, Ipv4::Any(), &route),
            Errno::kENETUNREACH);
}

TEST_F(InetAddressTest, WhatIsForManyNeedsASource) {
  Route route;
  const Ipv4 all{0xffffffff};
  EXPECT_EQ(FindRoute(host_, all, Ipv4::Any(), &route), Errno::kENETUNREACH);
  EXPECT_EQ(FindRoute(host_, all, Ipv4::Loopback(), &route), Errno::kOk);
}

}  // namespace
}  // namespace simloop::sim
