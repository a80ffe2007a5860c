# TLCP that fails: no program of Debian speaks it, both sides are tests/tools/gm_peer.c.
# shellcheck shell=bash disable=SC2154

# The root is drawn anew for each capture, and lies beside it.
tlcp() {                                         # NAME SENTENCE WORD...
    local name=$1 sentence=$2
    shift 2
    play gm_peer "tlcp-$name" "$sentence" "$@" || return
    command=(env WIRETALE_GM_PEER="${command[0]}" python3 "$here/peers/tlcp.py" "$here/$file" "$@")
    CA="--ca-file $file.root"
}

scene_tlcp() {
    local name words id sentence
    while IFS='|' read -r name id words sentence; do
        tlcp "$name" "$sentence" $words || return
        cause "$id"
        played
    done <<ROWS
certificates-swapped|tlcp-certificate-pair|swap alert|The server's encryption certificate comes before its signing certificate
encryption-certificate-missing|tlcp-certificate-pair|no-encryption alert|The server sends no encryption certificate
signing-certificate-missing|tlcp-certificate-pair|no-signing alert|The server sends no signing certificate
encryption-certificate-expired|tlcp-certificate-pair|expired-encryption alert-expired|The server's encryption certificate has expired
bad-key-exchange|signature-mismatch|flip-server-key-exchange alert-decrypt-error|A byte of the signature in the ServerKeyExchange is another
ROWS
    tlcp signing-certificate-expired "The server's signing certificate has expired" expired-signing alert-expired || return
    cause certificate-expired or=tlcp-certificate-pair
    played
    tlcp fine "Nothing is wrong" cbc client || return
    cause none sees='!tlcp-certificate-pair'
    keyed none sees='!tlcp-certificate-pair,!signature-mismatch,!finished-mismatch'
    played
    CA='--ca-file pki/root.pem'
}
