// Control data: written and read in cmsg(3)'s layout.
#include "loop/control_message.h"

#include <string>

#include "gtest/gtest.h"
#include "loop/abi.h"

namespace simloop::loop {
namespace {

TEST(ControlMessage, IsLaidOutAsCmsgSpaceHasIt) {
  std::string control;
  ControlMessage::Rights({Fd{3}}).AppendTo(&control);
  // CMSG_SPACE(4): 16 of header, 4 of data, 4 of padding.
  EXPECT_EQ(control, std::string("\x14\0\0\0\0\0\0\0"  // CMSG_LEN(4)
                                 "\1\0\0\0\1\0\0\0"    // level, type
                                 "\3\0\0\0\0\0\0\0",
                                 24));
}

TEST(ControlMessage, IsReadBackInOrder) {
  std::string control;
  ControlMessage::Rights({Fd{3}, Fd{4}, Fd{5}}).AppendTo(&control);
  ControlMessage{kSolSocket, kScmCredentials, "123456789abc"}.AppendTo(
      &control);
  bool malformed = true;
  const auto messages = ParseControl(control, &malformed);
  EXPECT_FALSE(malformed);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].descriptors(), (std::vector<Fd>{Fd{3}, Fd{4}, Fd{5}}));
  EXPECT_EQ(messages[1].type, kScmCredentials);
  EXPECT_EQ(messages[1].data, "123456789abc");
}

TEST(ControlMessage, OfAWrongLengthEndsTheSequence) {
  std::string control;
  ControlMessage::Rights({Fd{3}}).AppendTo(&control);
  ControlMessage::Rights({Fd{4}}).AppendTo(&control);
  bool malformed = false;
  for (const char length : {'\x0f', '\x7f'}) {
    control[24] = length;
    EXPECT_EQ(ParseControl(control, &malformed).size(), 1u);
    EXPECT_TRUE(malformed);
  }
  EXPECT_EQ(ParseControl({}, &malformed).size(), 0u);
  EXPECT_FALSE(malformed);
}

// recvmsg(2) cuts a message that does not fit; its length says so.
TEST(ControlMessage, MayLackThePaddingOfTheLast) {
  std::string control;
  ControlMessage::Rights({Fd{3}}).AppendTo(&control);
  control.resize(20);
  EXPECT_EQ(ParseControl(control, nullptr).size(), 1u);
}

}  // namespace
}  // namespace simloop::loop
