#!/usr/bin/env bash
# Every sentence is translated into every language of po/LINGUAS: none is missing, none is left in doubt (fuzzy), and no
# directive of a format was lost.
set -u -o pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
command -v msgmerge >/dev/null && command -v xgettext >/dev/null || { echo "needs gettext"; exit 77; }
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
cd "$root" || exit 1
xgettext --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=ngettext_:1,2 --keyword=ngettext:1,2 \
    --add-comments=TRANSLATORS -f po/POTFILES -o "$work/pot" 2>/dev/null || { echo "xgettext failed"; exit 1; }
status=0
# a file that is missing there would stay English
for file in $(grep -rlE '(^|[^A-Za-z0-9_])N?_\(("|$)' src tools --include='*.[ch]' --include='*.def'); do
    grep -qx "$file" po/POTFILES || { echo "po/POTFILES lacks $file"; status=1; }
done
for file in $(grep -lE "(^|[^A-Za-z0-9_])(_|ngettext)\\(['\"]" page/*.js); do
    grep -qx "$file" po/POTFILES || { echo "po/POTFILES lacks $file"; status=1; }
done
while read -r language; do
    [ -n "$language" ] || continue
    msgmerge -q --no-fuzzy-matching -o "$work/$language.po" "po/$language.po" "$work/pot" || exit 1
    msgfmt -c --check-format -o /dev/null "$work/$language.po" || status=1
    # gettext looks for the system's own "%lu" instead of "%<PRIu64>" only in what is marked so
    if awk 'BEGIN { RS = "" } /%<PRI/ && !/c-format/ { print; found = 1 } END { exit !found }' "po/$language.po"; then
        echo "po/$language.po: these lack '#, c-format'"
        status=1
    fi
    missing=$(msgattrib --untranslated --no-obsolete "$work/$language.po" | grep -c '^msgid' || true)
    fuzzy=$(msgattrib --only-fuzzy --no-obsolete "$work/$language.po" | grep -c '^msgid' || true)
    [ "$missing" -gt 0 ] && missing=$((missing - 1)) # the header counts
    if [ "$missing" -gt 0 ] || [ "$fuzzy" -gt 1 ]; then
        echo "po/$language.po: $missing sentences are not translated, $fuzzy are fuzzy:"
        msgattrib --untranslated --no-obsolete --no-wrap "$work/$language.po" | grep -A1 '^#:' | head -40
        status=1
    fi
done <po/LINGUAS
[ $status = 0 ] && echo "every sentence is translated"
exit $status
