#include "story/words.h"

static const char *const sides[2] = {"client", "server"};

static const char *const states[] = {
    [WT_INCOMPLETE] = "incomplete",
    [WT_ESTABLISHED] = "established",
    [WT_FAILED] = "failed",
};

static const char *const protocols[] = {
    [WT_PROTOCOL_TLS] = "tls",   [WT_PROTOCOL_SSL2] = "ssl2", [WT_PROTOCOL_DTLS] = "dtls",
    [WT_PROTOCOL_QUIC] = "quic", [WT_PROTOCOL_TLCP] = "tlcp",
};

static const char *const transports[] = {"tcp", "udp"};

static const char *const resumptions[] = {
    [WT_RESUMPTION_NONE] = NULL,
    [WT_RESUMPTION_SESSION_ID] = "session_id",
    [WT_RESUMPTION_TICKET] = "ticket",
    [WT_RESUMPTION_PSK] = "psk",
};

static const char *const early[] = {
    [WT_EARLY_NONE] = NULL,
    [WT_EARLY_ACCEPTED] = "accepted",
    [WT_EARLY_REJECTED] = "rejected",
};

static const char *const severities[] = {
    [WT_NOTICE] = "notice",
    [WT_WARNING] = "warning",
    [WT_ERROR] = "error",
    [WT_FATAL] = "fatal",
};

static const char *const layers[WT_LAYER_COUNT] = {
    [WT_LAYER_NONE] = "none",     [WT_LAYER_ETHERNET] = "ethernet", [WT_LAYER_VLAN] = "vlan",
    [WT_LAYER_MPLS] = "mpls",     [WT_LAYER_PPPOE] = "pppoe",       [WT_LAYER_PPP] = "ppp",
    [WT_LAYER_COOKED] = "cooked", [WT_LAYER_RAW] = "raw",           [WT_LAYER_LOOPBACK] = "loopback",
    [WT_LAYER_IPV4] = "ipv4",     [WT_LAYER_IPV6] = "ipv6",         [WT_LAYER_GRE] = "gre",
    [WT_LAYER_VXLAN] = "vxlan",   [WT_LAYER_GENEVE] = "geneve",     [WT_LAYER_UDP] = "udp",
    [WT_LAYER_TCP] = "tcp",       [WT_LAYER_OTHER] = "other",       [WT_LAYER_MPTCP] = "mptcp",
};

static const char *const decryptions[] = {
    [WT_DECRYPTION_NONE] = NULL,          [WT_DECRYPTION_KEYLOG] = "keylog",   [WT_DECRYPTION_DSB] = "dsb",
    [WT_DECRYPTION_RSA_KEY] = "rsa_key",  [WT_DECRYPTION_SM2_KEY] = "sm2_key", [WT_DECRYPTION_PSK] = "psk",
    [WT_DECRYPTION_NULL] = "null_cipher",
};

static const char *const proofs[] = {
    [WT_PROOF_SERVER_SIGNATURE] = "server_signature",
    [WT_PROOF_CLIENT_SIGNATURE] = "client_signature",
    [WT_PROOF_CLIENT_FINISHED] = "client_finished",
    [WT_PROOF_SERVER_FINISHED] = "server_finished",
    [WT_PROOF_PSK_BINDER] = "psk_binder",
    [WT_PROOF_CHAIN] = "chain",
    [WT_PROOF_HOST_NAME] = "host_name",
};

static const char *const verdicts[] = {
    [WT_PROOF_ABSENT] = NULL,
    [WT_PROOF_OK] = "ok",
    [WT_PROOF_BAD] = "bad",
    [WT_PROOF_UNKNOWN] = "unknown",
};

static const char *const faults[] = {
    [WT_FAULT_NONE] = NULL,   [WT_FAULT_CLIENT] = "client",   [WT_FAULT_SERVER] = "server",
    [WT_FAULT_BOTH] = "both", [WT_FAULT_BETWEEN] = "between",
};

static const char *const certainties[] = {"certain", "probable"};

static const char *const ocsp[] = {
    [WT_OCSP_NONE] = NULL,
    [WT_OCSP_GOOD] = "good",
    [WT_OCSP_REVOKED] = "revoked",
    [WT_OCSP_UNKNOWN] = "unknown",
};

#define WORD(table, i) ((size_t)(i) < sizeof(table) / sizeof *(table) ? (table)[i] : NULL)

const char *wt_words_state(const struct wt_connection *c)
{
    return WORD(states, c->state);
}

static const char *const levels[] = {
    [WT_LEVEL_INITIAL] = "initial",
    [WT_LEVEL_0RTT] = "0rtt",
    [WT_LEVEL_HANDSHAKE] = "handshake",
    [WT_LEVEL_1RTT] = "1rtt",
};

const char *wt_words_level(unsigned level)
{
    return WORD(levels, level);
}

const char *wt_words_protocol(const struct wt_connection *c)
{
    return WORD(protocols, c->protocol);
}

const char *wt_words_transport(const struct wt_connection *c)
{
    return transports[c->protocol == WT_PROTOCOL_DTLS || c->protocol == WT_PROTOCOL_QUIC];
}

const char *wt_words_resumption(const struct wt_connection *c)
{
    return WORD(resumptions, c->resumption);
}

const char *wt_words_early_data(const struct wt_connection *c)
{
    return WORD(early, c->early_data);
}

const char *wt_words_severity(const struct wt_finding *finding)
{
    return WORD(severities, finding->severity);
}

const char *wt_words_fault(const struct wt_finding *f)
{
    return WORD(faults, f->fault);
}

const char *wt_words_noticed_by(const struct wt_finding *f)
{
    return f->noticed == WT_NOTICED_BY_NONE ? NULL : sides[f->noticed == WT_NOTICED_BY_SERVER];
}

/* It is said where somebody was judged. */
const char *wt_words_certainty(const struct wt_finding *f)
{
    return f->fault || f->noticed || f->probable ? certainties[f->probable] : NULL;
}

const char *wt_words_ocsp(const struct wt_ocsp *o)
{
    return WORD(ocsp, o->status);
}

const char *wt_words_side(unsigned from)
{
    return sides[from == WT_SERVER];
}

const char *wt_words_layer(unsigned layer)
{
    return WORD(layers, layer);
}

const char *wt_words_role(const struct wt_connection *c, unsigned side, size_t i)
{
    if (side > 1 || c->protocol != WT_PROTOCOL_TLCP)
        return NULL;
    return i + 1 == c->signing_certificate[side]      ? "signing"
           : i + 1 == c->encryption_certificate[side] ? "encryption"
                                                      : NULL;
}

const char *wt_words_decryption(const struct wt_connection *c)
{
    return WORD(decryptions, c->decryption);
}

const char *wt_words_proof(enum wt_proof proof)
{
    return WORD(proofs, proof);
}

const char *wt_words_verdict(const struct wt_proof_verdict *v)
{
    return WORD(verdicts, v->result);
}

const char *wt_words_http_version(const struct wt_exchange *e)
{
    return e->version == 30   ? "HTTP/3"
           : e->version == 20 ? "HTTP/2"
           : e->version == 11 ? "HTTP/1.1"
           : e->version == 10 ? "HTTP/1.0"
                              : NULL;
}

/* Each row is a table and where its words begin. */
const char *wt_words_at(enum wt_words set, size_t i)
{
    static const struct {
        const char *const *words;
        size_t n, from;
    } sets[] = {
        [WT_WORDS_STATE] = {states, sizeof states / sizeof *states, 0},
        [WT_WORDS_PROTOCOL] = {protocols, sizeof protocols / sizeof *protocols, 0},
        [WT_WORDS_TRANSPORT] = {transports, sizeof transports / sizeof *transports, 0},
        [WT_WORDS_RESUMPTION] = {resumptions, sizeof resumptions / sizeof *resumptions, 1},
        [WT_WORDS_EARLY_DATA] = {early, sizeof early / sizeof *early, 1},
        [WT_WORDS_SEVERITY] = {severities, sizeof severities / sizeof *severities, 0},
        [WT_WORDS_SIDE] = {sides, 2, 0},
        [WT_WORDS_DECRYPTION] = {decryptions, sizeof decryptions / sizeof *decryptions, 1},
        [WT_WORDS_FAULT] = {faults, sizeof faults / sizeof *faults, 1},
        [WT_WORDS_CERTAINTY] = {certainties, 2, 0},
        [WT_WORDS_OCSP] = {ocsp, sizeof ocsp / sizeof *ocsp, 1},
        [WT_WORDS_VERDICT] = {verdicts, sizeof verdicts / sizeof *verdicts, 1},
    };
    if ((size_t)set >= sizeof sets / sizeof *sets || sets[set].from + i >= sets[set].n)
        return NULL;
    return sets[set].words[sets[set].from + i];
}

const char *wt_words_finding_message(const struct wt_connection *c, const struct wt_finding *f)
{
    if (!f->message || f->message > c->message_count)
        return NULL;
    const struct wt_message *m = &c->messages[f->message - 1];
    const char *name = wt_message_type_name(m);
    return name ? name : wt_registry_name(WT_REG_CONTENT_TYPE, m->content_type);
}
