#!/usr/bin/env bash
# `ninja install` into an image, and a stranger's program built against what lies there.   install.sh BUILD IMAGE
set -eu
build=$(cd "$1" && pwd) image=$2
rm -rf "$image"; mkdir -p "$image"; image=$(cd "$image" && pwd)
DESTDIR=$image meson install -C "$build" --no-rebuild --quiet
prefix=$(meson introspect "$build" --buildoptions | python3 -c '
import json, sys
print(next(o["value"] for o in json.load(sys.stdin) if o["name"] == "prefix"))')
at=$image$prefix
for file in bin/wiretale share/man/man1/wiretale.1 share/bash-completion/completions/wiretale \
    share/zsh/site-functions/_wiretale include/wiretale/observer.h; do
    [ -s "$at/$file" ] || { echo "$file is not installed"; exit 1; }
done
pc=$(find "$at" -name wiretale.pc); [ -n "$pc" ] || { echo "wiretale.pc is not installed"; exit 1; }
lib=$(find "$at" -name libwiretale.so); [ -n "$lib" ] || { echo "libwiretale.so is not installed"; exit 1; }
find "$at" -path '*/wiretale/libwiretale-keys.so' | grep -q . || { echo "libwiretale-keys.so is not installed"; exit 1; }
find "$at" -name libwiretale.a | grep -q . || { echo "libwiretale.a is not installed"; exit 1; }
"$at/bin/wiretale" --version
# Its catalogues are found where it lies, and though libc knows no Chinese locale.
speaks() {
    case $(cd / && env -u LANGUAGE "$@" help) in
    *用法*) ;;
    *) echo "the installed command speaks no Chinese: $*"; exit 1 ;;
    esac
}
speaks LC_ALL=C "$at/bin/wiretale" --lang zh
speaks LC_ALL=zh_CN.UTF-8 "$at/bin/wiretale"

# As a stranger would: with what pkg-config says alone.
export PKG_CONFIG_PATH=${pc%/*} PKG_CONFIG_SYSROOT_DIR=$image
cat >"$image/count.c" <<'C'
#include <stdio.h>
#include <wiretale/wiretale.h>

static void count(void *context, const struct wt_connection *connection)
{
    if (connection->state == WT_ESTABLISHED)
        ++*(int *)context;
}

int main(int argc, char **argv)
{
    int established = 0;
    struct wt_observer_options options = {.size = sizeof options, .connection = count, .context = &established};
    struct wt_observer *observer = wt_observer_new(&options, NULL);
    struct wt_error error;
    struct wt_capture *capture = argc > 1 ? wt_capture_open(argv[1], &error) : NULL;
    struct wt_packet packet;
    if (!observer || !capture)
        return 1;
    wt_observer_file(observer, argv[1]);
    while (wt_capture_next(capture, &packet))
        wt_observer_packet(observer, &packet);
    wt_observer_finish(observer);
    wt_capture_close(capture);
    wt_observer_free(observer);
    printf("%d established\n", established);
    return established == 1 ? 0 : 1;
}
C
# shellcheck disable=SC2046
${CC:-cc} -std=c11 -Wall -Werror "$image/count.c" -o "$image/count" $(pkg-config --cflags --libs wiretale)
LD_LIBRARY_PATH=${lib%/*} "$image/count" "$(dirname "$0")/../captures/article.pcapng"
# Every symbol that the library lets out is in the public headers.
exported=$(nm -D --defined-only "$lib" | awk '$2 == "T" || $2 == "D" || $2 == "R" || $2 == "B" {print $3}' | sort)
for symbol in $exported; do
    grep -qrw "$symbol" "$at/include/wiretale" || { echo "$symbol is exported and in no public header"; exit 1; }
done
echo "$(wc -w <<<"$exported") symbols exported, all public"
