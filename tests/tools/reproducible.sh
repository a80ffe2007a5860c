#!/usr/bin/env bash
# Builds and installs twice, from copies in two folders, and compares every byte: whoever builds this version gets this
# binary.   tests/tools/reproducible.sh [MESON OPTION...]
#
# A release build without profile, unless options say otherwise; a minute and a half of CPU. What differs between the two:
# where source and build are, the time, SOURCE_DATE_EPOCH, time zone, language, umask, number of jobs. A profile
# (scripts/release) is as reproducible as its training, which has hash keys of its own each time.
set -eu -o pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
export CCACHE_DISABLE=1
unset SOURCE_DATE_EPOCH LANGUAGE

# What git has, as it is now: it may change while the first build runs.
(cd "$here" && git ls-files -z | tar --null --files-from=- --ignore-failed-read -cf "$work/sources.tar" 2>/dev/null)
build() { # source, build folder, image, meson options...
    local source=$1 at=$2 image=$3; shift 3
    mkdir -p "$source" && tar -xf "$work/sources.tar" -C "$source"
    meson setup "$at" "$source" --prefix=/usr --buildtype=release -Dtests=false -Dfuzz=off "$@" >"$work/log" 2>&1 &&
        ninja -C "$at" -j "${jobs:-2}" >>"$work/log" 2>&1 &&
        DESTDIR=$image meson install -C "$at" --no-rebuild >>"$work/log" 2>&1 || { tail -30 "$work/log"; exit 1; }
}

(umask 022; export TZ=UTC LC_ALL=C.UTF-8; build "$work/one" "$work/one/build" "$work/image-1" "$@")
(umask 077; export TZ=Asia/Tokyo LC_ALL=C SOURCE_DATE_EPOCH=86400 jobs=1
    build "$work/a folder of another length/wiretale" "$work/elsewhere/out" "$work/image-2" "$@")

(cd "$work/image-1" && find . -printf '%P %y %m %l\n' | sort) >"$work/files-1"
(cd "$work/image-2" && find . -printf '%P %y %m %l\n' | sort) >"$work/files-2"
# the images themselves were made with the umask
diff <(sed 1d "$work/files-1") <(sed 1d "$work/files-2")
[ -x "$work/image-1/usr/bin/wiretale" ]
diff -r "$work/image-1" "$work/image-2"
echo "$(grep -c ' f ' "$work/files-1") files, byte for byte the same"
