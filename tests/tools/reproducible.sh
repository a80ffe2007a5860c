#!/usr/bin/env bash
# Builds and installs twice, from copies in two folders, and compares every byte: whoever builds this version gets this
# binary.
#
#   tests/tools/reproducible.sh [--release | --profile] [MESON OPTION...]
#
# --release  as scripts/release -n builds it: with link-time optimisation; three minutes of CPU
# --profile  as scripts/release -p does: the first build makes the profile, the second has it; six minutes
# Otherwise as a distribution's packaging does: --buildtype=release; a minute and a half.
#
# What differs between the two: where source and build are, the time, SOURCE_DATE_EPOCH, time zone, language, umask,
# number of jobs.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export CCACHE_DISABLE=1
unset SOURCE_DATE_EPOCH LANGUAGE

# What git has, as it is now: it may change while the first build runs.
(cd "$here" && git ls-files -z | tar --null --files-from=- --ignore-failed-read -cf "$work/sources.tar" 2>/dev/null)
mode=plain
case ${1:-} in
--release | --profile) mode=${1#--}; shift ;;
-h | --help) sed -n '2,13s/^# \{0,1\}//p' "$0"; exit ;;
esac
made() { # source, build folder, meson options...
    local source=$1 at=$2; shift 2
    case $mode in
    plain)
        meson setup "$at" "$source" --prefix=/usr --buildtype=release -Dtests=false -Dfuzz=off "$@" &&
            ninja -C "$at" -j "$jobs" ;;
    release) "$source/scripts/release" -n -j "$jobs" "$at" --prefix=/usr "$@" ;;
    profile) "$source/scripts/release" -p "$work/profile.tar" -j "$jobs" "$at" --prefix=/usr "$@" ;;
    esac
}
build() { # source, build folder, image, meson options...
    local source=$1 at=$2 image=$3; shift 3
    mkdir -p "$source" && tar -xf "$work/sources.tar" -C "$source"
    made "$source" "$at" "$@" >"$work/log" 2>&1 || { tail -30 "$work/log"; exit 1; }
    DESTDIR=$image meson install -C "$at" --no-rebuild >>"$work/log" 2>&1 || { tail -30 "$work/log"; exit 1; }
}

# A profile names what it has counted by paths as seen from the build folder (scripts/release).
elsewhere=$work/elsewhere/out
[ "$mode" != profile ] || elsewhere="$work/a folder of another length/wiretale/build"
(umask 022; export TZ=UTC LC_ALL=C.UTF-8 jobs=2; build "$work/one" "$work/one/build" "$work/image-1" "$@")
(umask 077; export TZ=Asia/Tokyo LC_ALL=C SOURCE_DATE_EPOCH=86400 jobs=1
    build "$work/a folder of another length/wiretale" "$elsewhere" "$work/image-2" "$@")

(cd "$work/image-1" && find . -printf '%P %y %m %l\n' | sort) >"$work/files-1"
(cd "$work/image-2" && find . -printf '%P %y %m %l\n' | sort) >"$work/files-2"
# the images themselves were made with the umask
diff <(sed 1d "$work/files-1") <(sed 1d "$work/files-2")
[ -x "$work/image-1/usr/bin/wiretale" ]
# of machine code, whatever the linker was given
[ "$(find "$work/image-1" -name libwiretale.a -exec nm {} + | grep -c ' T wt_observer_new$')" -eq 1 ]
diff -r "$work/image-1" "$work/image-2"
echo "$(grep -c ' f ' "$work/files-1") files, byte for byte the same"
