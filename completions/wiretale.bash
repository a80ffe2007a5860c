# bash completion for wiretale. Held to the options' tables by tests/tools/test_documents.py.
_wiretale()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} options
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W 'read live fields help --help --version' -- "$word")
        return
    fi
    case $command in
    read) options='--json --messages --explain --bytes --lines --summary --filter --stream --color --ascii --columns
                   --help' ;;
    live) options='--interface --bpf --json --filter --snaplen --buffer --promiscuous --color --ascii --columns
                   --help' ;;
    help) mapfile -t COMPREPLY < <(compgen -W 'read live fields help' -- "$word"); return ;;
    *) options=--help ;;
    esac
    # bash breaks words at "=": --color=al are the words --color, = and al.
    if [ "$before" = = ] && [ "${COMP_WORDS[COMP_CWORD - 2]}" = --color ]; then
        mapfile -t COMPREPLY < <(compgen -W 'always never auto' -- "$word")
        return
    fi
    case $before in
    -i | --interface)
        mapfile -t COMPREPLY < <(compgen -W "any $(cd /sys/class/net 2>/dev/null && echo *)" -- "$word"); return ;;
    -f | --filter)
        mapfile -t COMPREPLY < <(compgen -W "$(wiretale fields 2>/dev/null | cut -d' ' -f1)" -- "$word"); return ;;
    --stream | --columns | --snaplen | --buffer | --bpf | -n) return ;;
    esac
    case $word in
    -*) mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word") ;;
    *) [ "$command" = read ] && { compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word"); } ;;
    esac
}
complete -F _wiretale wiretale
