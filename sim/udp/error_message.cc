#include "sim/udp/error_message.h"

#include <string>

#include "loop/abi.h"

namespace simloop::sim::udp {
namespace {

template <typename T>
void Put(std::string* out, T number) {
  out->append(reinterpret_cast<const char*>(&number), sizeof number);
}

void PutIp6(std::string* out, loop::Ip ip) {
  Put(out, __builtin_bswap64(ip.high()));
  Put(out, __builtin_bswap64(ip.low()));
}

}  // namespace

bool ErrorMessage::Fatal(Icmp::Code code) {
  return code == Icmp::Code::kPortUnreachable ||
         code == Icmp::Code::kProhibited;
}

ErrorMessage ErrorMessage::Of(const Icmp& icmp) {
  const bool v4 = icmp.from.ip.is_v4();
  ErrorMessage message;
  message.error = icmp.error();
  message.origin = v4 ? Origin::kIcmp : Origin::kIcmp6;
  message.type = v4 ? icmp.Type4() : icmp.Type6();
  message.code = v4 ? icmp.Code4() : icmp.Code6();
  message.to = icmp.about_to;
  message.offender = icmp.from.ip;
  message.payload = icmp.quoted;
  return message;
}

loop::ControlMessage ErrorMessage::ToControl(bool inet6) const {
  std::string data;
  Put(&data, static_cast<uint32_t>(error));
  Put(&data, static_cast<uint8_t>(origin));
  Put(&data, type);
  Put(&data, code);
  Put(&data, uint8_t{0});
  Put(&data, info);
  Put(&data, uint32_t{0});
  // A sockaddr, all 0 where the error is this host's own.
  const loop::Family family =
      inet6 ? loop::Family::kInet6 : loop::Family::kInet;
  Put(&data, from_icmp() ? static_cast<uint16_t>(family) : uint16_t{0});
  Put(&data, uint16_t{0});  // port
  if (inet6) {
    Put(&data, uint32_t{0});  // flow
    PutIp6(&data, from_icmp() ? offender : loop::Ip::Any6());
    Put(&data, uint32_t{0});  // scope
    return {loop::kIpprotoIpv6, loop::kIpv6Recverr, data};
  }
  Put(&data, __builtin_bswap32(offender.v4().bits));
  Put(&data, uint64_t{0});
  return {loop::kIpprotoIp, loop::kIpRecverr, data};
}

}  // namespace simloop::sim::udp
