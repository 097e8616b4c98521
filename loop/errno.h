// Errno: the error numbers of errno(3) that the calls of loop/kernel.h answer,
// with Linux's numbers, names and texts. It holds no error state: there is no
// global `errno` here.
#ifndef LOOP_ERRNO_H_
#define LOOP_ERRNO_H_

#include "absl/strings/string_view.h"

namespace simloop::loop {

enum class Errno : int {
  kOk = 0,
  kEPERM = 1,
  kENOENT = 2,
  kESRCH = 3,
  kEINTR = 4,
  kENXIO = 6,
  kEBADF = 9,
  kEAGAIN = 11,
  kENOMEM = 12,
  kEACCES = 13,
  kEFAULT = 14,
  kEBUSY = 16,
  kEEXIST = 17,
  kENODEV = 19,
  kENOTDIR = 20,
  kEISDIR = 21,
  kEINVAL = 22,
  kENFILE = 23,
  kEMFILE = 24,
  kENOTTY = 25,
  kESPIPE = 29,
  kEROFS = 30,
  kEPIPE = 32,
  kEDOM = 33,
  kERANGE = 34,
  kEDEADLK = 35,
  kENAMETOOLONG = 36,
  kENOSYS = 38,
  kELOOP = 40,
  kENODATA = 61,
  kEPROTO = 71,
  kENOTSOCK = 88,
  kEDESTADDRREQ = 89,
  kEMSGSIZE = 90,
  kEPROTOTYPE = 91,
  kENOPROTOOPT = 92,
  kEPROTONOSUPPORT = 93,
  kESOCKTNOSUPPORT = 94,
  kEOPNOTSUPP = 95,
  kEAFNOSUPPORT = 97,
  kEADDRINUSE = 98,
  kEADDRNOTAVAIL = 99,
  kENETUNREACH = 101,
  kECONNABORTED = 103,
  kECONNRESET = 104,
  kENOBUFS = 105,
  kEISCONN = 106,
  kENOTCONN = 107,
  kETOOMANYREFS = 109,
  kETIMEDOUT = 110,
  kECONNREFUSED = 111,
  kEHOSTUNREACH = 113,
  kEALREADY = 114,
  kEINPROGRESS = 115,
};

// "ECONNREFUSED"; "OK" for kOk; "E<unknown>" for a number not listed above.
absl::string_view ErrnoName(Errno error);

// strerror(3)'s text in the C locale: "Connection refused".
absl::string_view ErrnoText(Errno error);

}  // namespace simloop::loop

#endif  // LOOP_ERRNO_H_
