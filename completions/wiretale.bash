# bash completion for wiretale. Checked against the options' tables by tests/tools/test_documents.py.
_wiretale()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command options at=1
    local keys='--keylog --rsa-key --sm2-key --rsa-password-file --psk --psk-file --verify'
    local trust='--ca-file --ca-path --untrusted --at --host --sct-logs'
    local speaking='--versions --suites --groups --schemes --alpn --cert --key --psk --psk-file'
    COMPREPLY=()
    # --lang may come before the command; bash breaks words at "=": --lang=zh are the words --lang, = and zh.
    [ "$before" = = ] && before=${COMP_WORDS[COMP_CWORD - 2]}=
    [ "$word" = = ] && word='' before=$before=
    while [ "${COMP_WORDS[at]}" = --lang ] && [ "$COMP_CWORD" -gt "$at" ]; do
        [ "${COMP_WORDS[at + 1]}" = = ] && at=$((at + 1))
        at=$((at + 2))
    done
    command=${COMP_WORDS[at]}
    if [ "$COMP_CWORD" -eq "$at" ]; then
        mapfile -t COMPREPLY < <(compgen -W 'read live run follow decrypt keys certificates compare client server fields help --help --version --lang' -- "$word")
        return
    fi
    case $command in
    read) options="--json --messages --places --headers --no-digest --explain --bytes --lines --summary --html --html-max --svg --qlog --redact --fail-on --max-memory --rotated --user --filter --failed --stream
                   --secrets --record $keys $trust --lang --color --ascii --columns --help" ;;
    live) options="--interface --read --bpf --json --lines --redact --secrets --html --html-max --filter --failed --snaplen --buffer --promiscuous --write --file-size
                   --file-seconds --file-count --max-memory --user $keys $trust --lang --color --ascii --columns --help" ;;
    run) options="--isolate --no-isolate --forward --no-trace --pid --timeout --keep --write --output --json --messages --places --headers --no-digest --explain --bytes --lines --summary --html --html-max
                   --svg --qlog --redact --fail-on --max-memory --user --filter --failed --stream --secrets --record $keys $trust --lang --color --ascii --columns --help" ;;
    follow) options="--rotated --text --hex --raw --side --output $keys --lang --color --ascii --help" ;;
    decrypt) options="--rotated --output --map-port --filter --failed --stream $keys --lang --help" ;;
    keys) options="--rotated --output --text --filter --failed --stream $keys --lang --help" ;;
    certificates) options="--output --filter --failed --stream $keys --lang --help" ;;
    compare) options="--json --lang --color --ascii --columns --help" ;;
    client) options="--get --starttls --proxy --connect --timeout $speaking --min-dh --session --early --early-again --ca --ca-file --ca-path --untrusted --at --sct-logs --without-verification
                   --story --json --html --keylog --capture --lang --color --ascii --columns --help" ;;
    server) options="--www --echo --proxy-to --port --listen --limit --timeout $speaking --early --tickets --ticket-key --hide-psks --make --output --verify-client --ca --ca-file --ca-path
                   --untrusted --at --sct-logs --story --json --html --keylog --capture --lang --color --ascii --columns --help" ;;
    *) options="--lang --help" ;;
    esac
    # behind the program all is its own
    if [ "$command" = run ]; then
        local i
        for ((i = at + 1; i < COMP_CWORD; i++)); do
            case ${COMP_WORDS[i]} in
            --forward | --pid | --timeout | --keep | --write | -w | --output | -o | --html | --html-max | --svg | --qlog | --fail-on | --max-memory | --user | -Z | --filter | -f | --stream | -n | \
                --record | --keylog | -k | --rsa-key | --sm2-key | --rsa-password-file | --psk | --psk-file | --verify | --ca-file | --ca-path | --untrusted | --at | --host | --sct-logs | \
                --lang | --columns) i=$((i + 1)) ;;
            --) i=$((i + 1)); break ;;
            -*) ;;
            *) break ;;
            esac
        done
        if [ "$i" -lt "$COMP_CWORD" ]; then
            declare -F _command_offset >/dev/null && { _command_offset "$i"; return; }
            compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return
        fi
        [ "${word#-}" = "$word" ] && [ "$i" -eq "$COMP_CWORD" ] && { mapfile -t COMPREPLY < <(compgen -c -- "$word"); return; }
    fi
    [ "$command" = client ] && [ "${before%=}" = --early ] && before=--session
    case ${before%=} in
    --color) [ "$before" = --color= ] && { mapfile -t COMPREPLY < <(compgen -W 'always never auto' -- "$word"); return; } ;;
    -i | --interface)
        mapfile -t COMPREPLY < <(compgen -W "any $(cd /sys/class/net 2>/dev/null && echo *)" -- "$word"); return ;;
    -f | --filter)
        mapfile -t COMPREPLY < <(compgen -W "$(wiretale fields 2>/dev/null | cut -d' ' -f1)" -- "$word"); return ;;
    --fail-on) mapfile -t COMPREPLY < <(compgen -W 'notice warning error fatal' -- "$word"); return ;;
    -Z | --user) mapfile -t COMPREPLY < <(compgen -u -- "$word"); return ;;
    --lang) mapfile -t COMPREPLY < <(compgen -W 'en zh' -- "$word"); return ;;
    --www) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --verify-client) mapfile -t COMPREPLY < <(compgen -W 'optional required none' -- "$word"); return ;;
    --starttls) mapfile -t COMPREPLY < <(compgen -W 'postgresql mysql ldap rdp xmpp ftp lmtp sieve smtp pop3 imap nntp irc' -- "$word"); return ;;
    --versions) mapfile -t COMPREPLY < <(compgen -W '1.2 1.3 1.2,1.3' -- "$word"); return ;;
    --connect) mapfile -t COMPREPLY < <(compgen -A hostname -- "$word"); return ;;
    --verify) mapfile -t COMPREPLY < <(compgen -W 'auto all none' -- "$word"); return ;;
    --qlog | --keep) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --side) mapfile -t COMPREPLY < <(compgen -W 'client server' -- "$word"); return ;;
    -k | -o | --keylog | --rsa-key | --sm2-key | --rsa-password-file | --psk-file | --ticket-key | --output | --read | --write | -w | --html | --svg | \
        --ca | --cert | --key | --session | --capture | --ca-file | --ca-path | --untrusted | --sct-logs)
        compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --stream | --record | --max-memory | --forward | --columns | --snaplen | --buffer | --bpf | --psk | --map-port | --at | --host | -n | --file-size | --file-seconds | \
        --proxy-to | --port | --listen | --limit | --make | --proxy | --get | --timeout | --suites | --groups | --schemes | --alpn | --early | --tickets | --file-count | -C | -G | -W) return ;;
    esac
    case $word in
    -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word") ;;
    *) case $command in
       read | follow | decrypt | keys | certificates | compare)
           compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
       client) mapfile -t COMPREPLY < <(compgen -A hostname -- "$word") ;;
       help) mapfile -t COMPREPLY < <(compgen -W 'read live run follow decrypt keys certificates compare client server fields help' -- "$word") ;;
       esac ;;
    esac
}
complete -F _wiretale wiretale
