#include "sim/socket_option_form.h"

#include <array>

#include "loop/abi.h"
#include "sim/option_names.h"

namespace simloop::sim {
namespace {

using Form = SocketOptionForm;

struct Entry {
  int name;
  Form form;
};

constexpr Entry kEntries[] = {
    {loop::kSoDebug, Form::kFlag},
    {loop::kSoReuseaddr, Form::kFlag},
    {loop::kSoReuseport, Form::kFlag},
    {loop::kSoDontroute, Form::kFlag},
    {loop::kSoBroadcast, Form::kFlag},
    {loop::kSoKeepalive, Form::kFlag},
    {loop::kSoOobinline, Form::kFlag},
    {loop::kSoNoCheck, Form::kFlag},
    {loop::kSoBsdcompat, Form::kFlag},
    {loop::kSoRxqOvfl, Form::kFlag},
    {loop::kSoZerocopy, Form::kFlag},
    {kSoWifiStatus, Form::kFlag},
    {kSoNofcs, Form::kFlag},
    {kSoLockFilter, Form::kFlag},
    {kSoSelectErrQueue, Form::kFlag},
    {kSoPreferBusyPoll, Form::kFlag},
    {kSoRcvmark, Form::kFlag},
    {kSoRcvpriority, Form::kFlag},
    {loop::kSoPasscred, Form::kUnixFlag},
    {loop::kSoPasssec, Form::kUnixFlag},
    {kSoPasspidfd, Form::kUnixFlag},
    {kSoPassrights, Form::kUnixFlag},
    {loop::kSoTimestamp, Form::kTimestamp},
    {loop::kSoTimestampns, Form::kTimestamp},
    {kSoTimestampNew, Form::kTimestamp},
    {kSoTimestampnsNew, Form::kTimestamp},
    {loop::kSoSndbuf, Form::kInt},
    {loop::kSoRcvbuf, Form::kInt},
    {loop::kSoSndbufforce, Form::kInt},
    {loop::kSoRcvbufforce, Form::kInt},
    {loop::kSoPriority, Form::kInt},
    {loop::kSoRcvlowat, Form::kInt},
    {loop::kSoMark, Form::kInt},
    {loop::kSoPeekOff, Form::kInt},
    {loop::kSoBusyPoll, Form::kInt},
    {loop::kSoIncomingCpu, Form::kInt},
    {kSoMaxPacingRate, Form::kInt},
    {kSoCnxAdvice, Form::kInt},
    {kSoBindtoifindex, Form::kInt},
    {kSoBusyPollBudget, Form::kInt},
    {kSoBufLock, Form::kInt},
    {kSoReserveMem, Form::kInt},
    {kSoTxrehash, Form::kInt},
    {loop::kSoLinger, Form::kLinger},
    {loop::kSoRcvtimeo, Form::kTimeout},
    {loop::kSoSndtimeo, Form::kTimeout},
    {kSoRcvtimeoNew, Form::kTimeout},
    {kSoSndtimeoNew, Form::kTimeout},
    {loop::kSoBindtodevice, Form::kDevice},
    {loop::kSoType, Form::kReadOnly},
    {loop::kSoError, Form::kReadOnly},
    {loop::kSoPeercred, Form::kReadOnly},
    {loop::kSoSndlowat, Form::kReadOnly},
    {loop::kSoAcceptconn, Form::kReadOnly},
    {loop::kSoProtocol, Form::kReadOnly},
    {loop::kSoDomain, Form::kReadOnly},
    {loop::kSoCookie, Form::kReadOnly},
    {kSoIncomingNapiId, Form::kReadOnly},
};

// By name: connect(2) is asked after with SO_ERROR, so it is looked at often.
constexpr int kNames = 128;
constexpr std::array<Form, kNames> kForms = [] {
  std::array<Form, kNames> forms = {};
  for (const Entry& entry : kEntries) forms[entry.name] = entry.form;
  return forms;
}();

}  // namespace

SocketOptionForm FormOfSocketOption(int name) {
  return name < 0 || name >= kNames ? Form::kUnknown : kForms[name];
}

}  // namespace simloop::sim
