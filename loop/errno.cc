// Names and texts of error numbers, as errno(3) and strerror(3) give them.
#include "loop/errno.h"

namespace simloop::loop {
namespace {

struct Entry {
  Errno error;
  absl::string_view name;
  absl::string_view text;
};

constexpr Entry kEntries[] = {
    {Errno::kOk, "OK", "Success"},
    {Errno::kEPERM, "EPERM", "Operation not permitted"},
    {Errno::kENOENT, "ENOENT", "No such file or directory"},
    {Errno::kESRCH, "ESRCH", "No such process"},
    {Errno::kEINTR, "EINTR", "Interrupted system call"},
    {Errno::kENXIO, "ENXIO", "No such device or address"},
    {Errno::kEBADF, "EBADF", "Bad file descriptor"},
    {Errno::kEAGAIN, "EAGAIN", "Resource temporarily unavailable"},
    {Errno::kENOMEM, "ENOMEM", "Cannot allocate memory"},
    {Errno::kEACCES, "EACCES", "Permission denied"},
    {Errno::kEFAULT, "EFAULT", "Bad address"},
    {Errno::kEBUSY, "EBUSY", "Device or resource busy"},
    {Errno::kEEXIST, "EEXIST", "File exists"},
    {Errno::kENODEV, "ENODEV", "No such device"},
    {Errno::kENOTDIR, "ENOTDIR", "Not a directory"},
    {Errno::kEISDIR, "EISDIR", "Is a directory"},
    {Errno::kEINVAL, "EINVAL", "Invalid argument"},
    {Errno::kENFILE, "ENFILE", "Too many open files in system"},
    {Errno::kEMFILE, "EMFILE", "Too many open files"},
    {Errno::kENOTTY, "ENOTTY", "Inappropriate ioctl for device"},
    {Errno::kESPIPE, "ESPIPE", "Illegal seek"},
    {Errno::kEROFS, "EROFS", "Read-only file system"},
    {Errno::kEPIPE, "EPIPE", "Broken pipe"},
    {Errno::kEDOM, "EDOM", "Numerical argument out of domain"},
    {Errno::kERANGE, "ERANGE", "Numerical result out of range"},
    {Errno::kEDEADLK, "EDEADLK", "Resource deadlock avoided"},
    {Errno::kENAMETOOLONG, "ENAMETOOLONG", "File name too long"},
    {Errno::kENOSYS, "ENOSYS", "Function not implemented"},
    {Errno::kELOOP, "ELOOP", "Too many levels of symbolic links"},
    {Errno::kENODATA, "ENODATA", "No data available"},
    {Errno::kEPROTO, "EPROTO", "Protocol error"},
    {Errno::kENOTSOCK, "ENOTSOCK", "Socket operation on non-socket"},
    {Errno::kEDESTADDRREQ, "EDESTADDRREQ", "Destination address required"},
    {Errno::kEMSGSIZE, "EMSGSIZE", "Message too long"},
    {Errno::kEPROTOTYPE, "EPROTOTYPE", "Protocol wrong type for socket"},
    {Errno::kENOPROTOOPT, "ENOPROTOOPT", "Protocol not available"},
    {Errno::kEPROTONOSUPPORT, "EPROTONOSUPPORT", "Protocol not supported"},
    {Errno::kESOCKTNOSUPPORT, "ESOCKTNOSUPPORT", "Socket type not supported"},
    {Errno::kEOPNOTSUPP, "EOPNOTSUPP", "Operation not supported"},
    {Errno::kEAFNOSUPPORT, "EAFNOSUPPORT",
     "Address family not supported by protocol"},
    {Errno::kEADDRINUSE, "EADDRINUSE", "Address already in use"},
    {Errno::kEADDRNOTAVAIL, "EADDRNOTAVAIL", "Cannot assign requested address"},
    {Errno::kENETUNREACH, "ENETUNREACH", "Network is unreachable"},
    {Errno::kECONNABORTED, "ECONNABORTED", "Software caused connection abort"},
    {Errno::kECONNRESET, "ECONNRESET", "Connection reset by peer"},
    {Errno::kENOBUFS, "ENOBUFS", "No buffer space available"},
    {Errno::kEISCONN, "EISCONN", "Transport endpoint is already connected"},
    {Errno::kENOTCONN, "ENOTCONN", "Transport endpoint is not connected"},
    {Errno::kETOOMANYREFS, "ETOOMANYREFS",
     "Too many references: cannot splice"},
    {Errno::kETIMEDOUT, "ETIMEDOUT", "Connection timed out"},
    {Errno::kECONNREFUSED, "ECONNREFUSED", "Connection refused"},
    {Errno::kEHOSTUNREACH, "EHOSTUNREACH", "No route to host"},
    {Errno::kEALREADY, "EALREADY", "Operation already in progress"},
    {Errno::kEINPROGRESS, "EINPROGRESS", "Operation now in progress"},
};
constexpr Entry kUnknown = {Errno::kOk, "E<unknown>", "Unknown error"};

const Entry& Lookup(Errno error) {
  for (const Entry& entry : kEntries) {
    if (entry.error == error) return entry;
  }
  return kUnknown;
}

}  // namespace

absl::string_view ErrnoName(Errno error) { return Lookup(error).name; }

absl::string_view ErrnoText(Errno error) { return Lookup(error).text; }

}  // namespace simloop::loop
