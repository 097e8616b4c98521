// Names and texts of error numbers, as errno(3) and strerror(3) give them.
#include "loop/errno.h"

namespace simloop::loop {
namespace {

struct Entry {
  absl::string_view name;
  absl::string_view text;
};

constexpr Entry kUnknown = {"E<unknown>", "Unknown error"};

Entry Lookup(Errno error) {
  switch (error) {
    case Errno::kOk:
      return {"OK", "Success"};
    case Errno::kEPERM:
      return {"EPERM", "Operation not permitted"};
    case Errno::kENOENT:
      return {"ENOENT", "No such file or directory"};
    case Errno::kEINTR:
      return {"EINTR", "Interrupted system call"};
    case Errno::kEBADF:
      return {"EBADF", "Bad file descriptor"};
    case Errno::kEAGAIN:
      return {"EAGAIN", "Resource temporarily unavailable"};
    case Errno::kENOMEM:
      return {"ENOMEM", "Cannot allocate memory"};
    case Errno::kEACCES:
      return {"EACCES", "Permission denied"};
    case Errno::kEFAULT:
      return {"EFAULT", "Bad address"};
    case Errno::kEEXIST:
      return {"EEXIST", "File exists"};
    case Errno::kEINVAL:
      return {"EINVAL", "Invalid argument"};
    case Errno::kENFILE:
      return {"ENFILE", "Too many open files in system"};
    case Errno::kEMFILE:
      return {"EMFILE", "Too many open files"};
    case Errno::kENOTTY:
      return {"ENOTTY", "Inappropriate ioctl for device"};
    case Errno::kESPIPE:
      return {"ESPIPE", "Illegal seek"};
    case Errno::kEPIPE:
      return {"EPIPE", "Broken pipe"};
    case Errno::kELOOP:
      return {"ELOOP", "Too many levels of symbolic links"};
    case Errno::kENOTSOCK:
      return {"ENOTSOCK", "Socket operation on non-socket"};
    case Errno::kEDESTADDRREQ:
      return {"EDESTADDRREQ", "Destination address required"};
    case Errno::kEMSGSIZE:
      return {"EMSGSIZE", "Message too long"};
    case Errno::kEPROTOTYPE:
      return {"EPROTOTYPE", "Protocol wrong type for socket"};
    case Errno::kENOPROTOOPT:
      return {"ENOPROTOOPT", "Protocol not available"};
    case Errno::kEPROTONOSUPPORT:
      return {"EPROTONOSUPPORT", "Protocol not supported"};
    case Errno::kESOCKTNOSUPPORT:
      return {"ESOCKTNOSUPPORT", "Socket type not supported"};
    case Errno::kEOPNOTSUPP:
      return {"EOPNOTSUPP", "Operation not supported"};
    case Errno::kEAFNOSUPPORT:
      return {"EAFNOSUPPORT", "Address family not supported by protocol"};
    case Errno::kEADDRINUSE:
      return {"EADDRINUSE", "Address already in use"};
    case Errno::kEADDRNOTAVAIL:
      return {"EADDRNOTAVAIL", "Cannot assign requested address"};
    case Errno::kENETUNREACH:
      return {"ENETUNREACH", "Network is unreachable"};
    case Errno::kECONNABORTED:
      return {"ECONNABORTED", "Software caused connection abort"};
    case Errno::kECONNRESET:
      return {"ECONNRESET", "Connection reset by peer"};
    case Errno::kENOBUFS:
      return {"ENOBUFS", "No buffer space available"};
    case Errno::kEISCONN:
      return {"EISCONN", "Transport endpoint is already connected"};
    case Errno::kENOTCONN:
      return {"ENOTCONN", "Transport endpoint is not connected"};
    case Errno::kETIMEDOUT:
      return {"ETIMEDOUT", "Connection timed out"};
    case Errno::kECONNREFUSED:
      return {"ECONNREFUSED", "Connection refused"};
    case Errno::kEHOSTUNREACH:
      return {"EHOSTUNREACH", "No route to host"};
    case Errno::kEALREADY:
      return {"EALREADY", "Operation already in progress"};
    case Errno::kEINPROGRESS:
      return {"EINPROGRESS", "Operation now in progress"};
  }
  return kUnknown;
}

}  // namespace

absl::string_view ErrnoName(Errno error) { return Lookup(error).name; }

absl::string_view ErrnoText(Errno error) { return Lookup(error).text; }

}  // namespace simloop::loop
