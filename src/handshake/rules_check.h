/* What the files of the rules share. */
#ifndef WT_HANDSHAKE_RULES_CHECK_H
#define WT_HANDSHAKE_RULES_CHECK_H

#include "codec/ext/ext.h"
#include "handshake/rules.h"

/* One message on its way through the rules. */
struct wt_rules_case {
    const struct wt_agreed *agreed;
    unsigned side;
    struct wt_span body; /* of the message */
    struct wt_breaches *out;
};

/* A rule is broken, by what is at `at` (in the body; NULL: by what is not there). */
void wt_rules_broken(const struct wt_rules_case *k, enum wt_rule_id rule, const uint8_t *at, uint64_t value,
                     uint64_t bound);
/* A rule about a code point that the ClientHello or CertificateRequest has to have listed. */
void wt_rules_listed(const struct wt_rules_case *k, enum wt_rule_id rule, enum wt_offer_set set, const uint8_t *at,
                     uint16_t code);
/* A rule about a share of a finite field, which has as many bytes as its prime. */
void wt_rules_share_length(const struct wt_rules_case *k, enum wt_rule_id rule, uint16_t group, struct wt_span share);
/* Every extension of a block: whether it may be there, and whether somebody asked for it. */
void wt_rules_extensions(const struct wt_rules_case *k, const struct wt_extensions *extensions,
                         enum wt_ext_where where);
/* What the server answers in its ServerHello up to TLS 1.2, and in EncryptedExtensions. */
void wt_rules_answers(const struct wt_rules_case *k, const struct wt_extensions *extensions, enum wt_ext_where where);

void wt_rules_client_hello(const struct wt_rules_case *k, const struct wt_client_hello *hello);
void wt_rules_server_hello(const struct wt_rules_case *k, const struct wt_server_hello *hello);
void wt_rules_later(const struct wt_rules_case *k, const struct wt_message_body *message);

/* An extension's body, when it is there and well; *at is where its extension_type is. */
bool wt_rules_body(const struct wt_extensions *extensions, uint16_t id, enum wt_ext_where where, union wt_ext_body *out,
                   const uint8_t **at);

/* The RFC's own TLS 1.3: its drafts have other rules. */
static inline bool wt_rules_is_13(uint16_t version)
{
    return version == WT_TLS13 || version == WT_DTLS13;
}

static inline bool wt_rules_chose_13(const struct wt_agreed *agreed)
{
    return wt_rules_is_13(agreed->chosen.version) && !agreed->chosen.draft;
}

/* Up to TLS 1.2, and TLCP, which is made of TLS 1.1. */
static inline bool wt_rules_is_12(uint16_t version)
{
    return (version >= WT_SSL3 && version <= WT_TLS12) || version == WT_TLCP || version == WT_DTLS_OLD ||
           version == WT_DTLS10 || version == WT_DTLS12;
}

#endif
