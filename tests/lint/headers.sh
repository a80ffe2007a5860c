#!/usr/bin/env bash
# Each public header compiles alone, as C11 and as C++, with all warnings.   headers.sh [SOURCE]
set -u
root=${1:-$(cd "$(dirname "$0")/../.." && pwd)}
cc=${CC:-cc} cxx=${CXX:-c++} failed=0 n=0
try() { # compiler, language, standard, header
    command -v "$1" >/dev/null || return 0
    n=$((n + 1))
    printf '#include "wiretale/%s"\n' "$4" | "$1" -x "$2" -std="$3" -Wall -Wextra -Werror -pedantic -fsyntax-only \
        -I "$root/include" - || { echo "$4 does not compile alone as $3"; failed=1; }
}
for header in "$root"/include/wiretale/*.h; do
    try "$cc" c c11 "${header##*/}"
    try "$cxx" c++ c++11 "${header##*/}"
done
command -v "$cxx" >/dev/null || echo "no C++ compiler: only tried as C"
echo "$n compilations"
[ $n -gt 0 ] && [ $failed -eq 0 ]
