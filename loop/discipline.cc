// Names of the disciplines.
#include "loop/discipline.h"

namespace simloop::loop {

const char* DisciplineName(Discipline discipline) {
  return discipline == Discipline::kV0196 ? "v0.1.96" : "modern";
}

}  // namespace simloop::loop
