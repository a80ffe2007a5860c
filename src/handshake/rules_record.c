/* How long a record may be. What is not protected yet, what is, and what the peers agreed on. */
#include "handshake/rules_check.h"

enum { PLAINTEXT = 1 << 14, BESIDE = 256, BESIDE_12 = 2048 };

static void hold(const struct wt_rules_case *k, enum wt_rule_id rule, uint64_t length, uint64_t most)
{
    if (length > most && !k->out->count)
        wt_rules_broken(k, rule, NULL, length, most);
}

void wt_rules_record(unsigned side, const struct wt_record_shape *r, struct wt_breaches *out)
{
    /* cppcheck-suppress ctuuninitvar ; *out is what this fills */
    const struct wt_rules_case k = {NULL, side, {0}, out};
    const bool tls13 = wt_version_is_tls13(r->version);
    out->count = out->more = 0;
    /* before the version is known, the one that allows more */
    if (!r->is_protected)
        hold(&k, tls13 ? WT_RULE_RECORD_PLAINTEXT : WT_RULE_RECORD_PLAINTEXT_12, r->length, PLAINTEXT);
    else if (tls13)
        hold(&k, WT_RULE_RECORD_CIPHERTEXT, r->length, PLAINTEXT + BESIDE);
    else
        hold(&k, WT_RULE_RECORD_CIPHERTEXT_12, r->length, PLAINTEXT + BESIDE_12);
    /* RFC 8449, 4: "Unprotected messages are not subject to this limit." */
    if (r->most && (r->is_protected || !r->most_is_size))
        hold(&k, r->most_is_size ? WT_RULE_RECORD_SIZE : WT_RULE_RECORD_FRAGMENT, r->plaintext, r->most);
}

uint32_t wt_rules_record_most(const struct wt_agreed *a, unsigned side, bool *is_size)
{
    const bool from_client = side == WT_CLIENT;
    *is_size = false;
    /* RFC 8449, 5: "A server that supports the 'record_size_limit' extension MUST ignore a 'max_fragment_length'" */
    if (a->chosen.record_size_limit) {
        *is_size = true;
        return from_client ? a->chosen.record_size_limit : a->offered.record_size_limit;
    }
    if (!a->chosen.max_fragment_length || a->chosen.max_fragment_length > 4)
        return 0;
    /* RFC 8446, 5.4: a full TLSInnerPlaintext has one byte more than its content, the content type */
    return (1u << (8 + a->chosen.max_fragment_length)) + (wt_version_is_tls13(a->chosen.version) ? 1u : 0u);
}
