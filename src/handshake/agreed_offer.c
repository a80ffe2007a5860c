/* What a ClientHello and a CertificateRequest offer, and questions to it. */
#include "base/span_hash.h"
#include "codec/ext/decoded.h"
#include "codec/ext/ext.h"
#include "handshake/agreed.h"

/* --- sets --------------------------------------------------------------------------------------------------------- */

static uint16_t bit_of(uint16_t code)
{
    return (uint16_t)(1u << (code & 15));
}

/* A code point whose block is not there yet. */
static void append(struct wt_agreed *a, struct wt_code_set *s, uint16_t code)
{
    if (a->block_count >= WT_LIMIT_OFFERED_BLOCKS) {
        s->more = true;
        return;
    }
    a->blocks[s->first + s->count++] = (struct wt_code_block){code >> 4, bit_of(code)};
    a->block_count++;
}

static void add(struct wt_agreed *a, struct wt_code_set *s, uint16_t code)
{
    struct wt_code_block *blocks = a->blocks + s->first;
    for (unsigned i = s->count; i-- > 0;)
        if (blocks[i].base == code >> 4) {
            blocks[i].bits |= bit_of(code);
            return;
        }
    append(a, s, code);
}

static struct wt_code_set *begin(struct wt_agreed *a, enum wt_offer_set set)
{
    /* one that comes twice breaks a rule; which of the two counts is not known */
    bool twice = a->sets[set].present;
    a->sets[set] = (struct wt_code_set){.first = a->block_count, .present = true, .more = twice};
    return &a->sets[set];
}

static void fill(struct wt_agreed *a, enum wt_offer_set set, struct wt_span codes)
{
    struct wt_code_set *s = begin(a, set);
    struct wt_code_block *blocks = a->blocks + s->first;
    uint8_t seen[64] = {0}; /* how many blocks there were with the first of the code points that share a place here */
    _Static_assert(WT_LIMIT_OFFERED_BLOCKS < UINT8_MAX, "it holds the number of any of them");
    for (size_t i = 0, n = wt_codes_count(codes); i < n; i++) {
        const uint16_t code = wt_codes_at(codes, i), base = code >> 4;
        uint8_t *at = &seen[(base ^ base >> 6) % sizeof seen];
        if (wt_is_grease(code))
            continue;
        if (!*at) {
            append(a, s, code);
            *at = (uint8_t)s->count;
        } else if (blocks[*at - 1].base == base) {
            blocks[*at - 1].bits |= bit_of(code);
        } else {
            add(a, s, code);
        }
    }
}

static void fill_bytes(struct wt_agreed *a, enum wt_offer_set set, struct wt_span codes)
{
    struct wt_code_set *s = begin(a, set);
    for (size_t i = 0; i < codes.n; i++)
        add(a, s, codes.p[i]);
}

bool wt_agreed_request_is_unsure(const struct wt_agreed *a)
{
    return a->requested.several || (a->finished[WT_CLIENT] && !a->interleaved);
}

static enum wt_is has(const struct wt_agreed *a, enum wt_offer_set set, uint16_t code)
{
    const struct wt_code_set *s = &a->sets[set];
    for (unsigned i = 0; i < s->count; i++)
        if (a->blocks[s->first + i].base == code >> 4 && a->blocks[s->first + i].bits >> (code & 15) & 1)
            return WT_IS;
    return s->more ? WT_IS_UNKNOWN : WT_IS_NOT;
}

enum wt_is wt_agreed_has(const struct wt_agreed *a, enum wt_offer_set set, uint16_t code)
{
    enum wt_is is = has(a, set, code);
    bool known = set < WT_SET_REQUEST_SCHEMES ? a->offered.whole && !(a->offered.stale && set == WT_SET_SHARES)
                                              : a->requested.whole && !wt_agreed_request_is_unsure(a);
    return is == WT_IS_NOT && !known ? WT_IS_UNKNOWN : is;
}

bool wt_agreed_may_change(uint16_t id)
{
    return id == WT_EXT_KEY_SHARE || id == WT_EXT_KEY_SHARE_OLD || id == WT_EXT_PRE_SHARED_KEY ||
           id == WT_EXT_PADDING || id == WT_EXT_COOKIE || id == WT_EXT_EARLY_DATA ||
           /* RFC 9849, 6.1.5: the outer hello's is sealed anew; its ancestor's key share was made anew */
           id == WT_EXT_ENCRYPTED_CLIENT_HELLO || id == WT_EXT_ENCRYPTED_SERVER_NAME;
}

enum wt_is wt_agreed_offers(const struct wt_agreed *a, uint16_t extension, unsigned *index)
{
    for (unsigned i = 0; i < a->offered.extension_count; i++)
        if (a->offered.extension[i] == extension) {
            if (index)
                *index = i;
            return WT_IS;
        }
    bool known =
        a->offered.whole && !a->offered.more_extensions && !(a->offered.stale && wt_agreed_may_change(extension));
    return known ? WT_IS_NOT : WT_IS_UNKNOWN;
}

enum wt_is wt_agreed_offers_protocol(const struct wt_agreed *a, struct wt_span name)
{
    const struct wt_offered *o = &a->offered;
    struct wt_span rest = wt_span_of(o->alpn, o->alpn_length), one;
    while (wt_ext_opaque_next(&rest, 1, &one))
        if (wt_span_equal(one, name))
            return WT_IS;
    return o->whole && !o->more_alpn ? WT_IS_NOT : WT_IS_UNKNOWN;
}

/* --- ClientHello -------------------------------------------------------------------------------------------------- */

uint16_t wt_agreed_highest(struct wt_span versions)
{
    uint16_t best = 0;
    bool best13 = false;
    for (size_t i = 0; i < wt_codes_count(versions); i++) {
        uint16_t v = wt_codes_at(versions, i);
        bool v13 = wt_version_is_tls13(v);
        if (wt_is_grease(v) || (!v13 && v >> 8 != 3 && !wt_version_is_dtls(v)))
            continue;
        if (v == WT_TLS13 ||
            (best != WT_TLS13 && (v13 > best13 || (v13 == best13 && wt_version_as_tls(v) > wt_version_as_tls(best))))) {
            best = v;
            best13 = v13;
        }
    }
    return best;
}

/* RFC 8446, 4.2.11: "For identities established externally, an obfuscated_ticket_age of 0 SHOULD be used". */
static void psks(struct wt_offered *o, const struct wt_ext_pre_shared_key *in)
{
    struct wt_span rest = in->identities, identity;
    uint32_t age;
    for (o->psks = 0; wt_ext_psk_identity_next(&rest, &identity, &age); o->psks++) {
        if (o->psks >= WT_LIMIT_OFFERED_PSKS)
            continue;
        o->psk[o->psks] = wt_span_hash(identity);
        if (age == 0)
            o->external_psks |= (uint8_t)(1u << o->psks);
    }
}

static void fill_shares(struct wt_agreed *a, enum wt_offer_set set, struct wt_span list)
{
    struct wt_code_set *s = begin(a, set);
    struct wt_span key;
    uint16_t group;
    while (wt_ext_key_share_next(&list, &group, &key))
        if (!wt_is_grease(group))
            add(a, s, group);
}

/* A body that breaks its format leaves what was read; what more it was to hold is not known. */
static bool was_read(enum wt_code code)
{
    return code == WT_OK || code == WT_VALUE || code == WT_DUPLICATE || code == WT_LIMIT;
}

static bool decode(struct wt_extension e, enum wt_ext_where where, union wt_ext_body *out)
{
    static const struct wt_codec_context none;
    struct wt_error error;
    return was_read(wt_extension_decode(e.id, &none, where, e.body, NULL, out, &error));
}

/* Each list of code points becomes a set: rows of offers.def. */
static void take_list(struct wt_agreed *a, uint16_t id, const union wt_ext_body *e, bool well)
{
    switch (id) {
#define WT_OFFER(id, fill, set, list)                                                                                  \
    case WT_EXT_##id:                                                                                                  \
        if (well)                                                                                                      \
            fill(a, WT_SET_##set, e->list);                                                                            \
        else                                                                                                           \
            begin(a, WT_SET_##set)->more = true;                                                                       \
        break;
#include "handshake/offers.def"
#undef WT_OFFER
    default:
        break;
    }
}

static void take_value(struct wt_offered *o, struct wt_extension in, const union wt_ext_body *e, bool well)
{
    switch (in.id) {
    case WT_EXT_MAX_FRAGMENT_LENGTH:
        o->max_fragment_length = well ? e->max_fragment_length.max_fragment_length : 0;
        break;
    case WT_EXT_RECORD_SIZE_LIMIT:
        o->record_size_limit = well ? e->record_size_limit.record_size_limit : 0;
        break;
    case WT_EXT_HEARTBEAT:
        o->heartbeat = well ? e->heartbeat.mode : 0;
        break;
    case WT_EXT_ALPN:
        o->more_alpn = !well || e->alpn.protocol_name_list.n > sizeof o->alpn;
        o->alpn_length = (uint8_t)(o->more_alpn ? 0 : e->alpn.protocol_name_list.n);
        if (o->alpn_length)
            memcpy(o->alpn, e->alpn.protocol_name_list.p, o->alpn_length);
        break;
    case WT_EXT_SESSION_TICKET:
        o->ticket = in.body.n != 0;
        o->session_ticket = o->ticket ? wt_span_hash(in.body) : 0;
        break;
    case WT_EXT_PRE_SHARED_KEY:
        if (well)
            psks(o, &e->pre_shared_key);
        break;
    case WT_EXT_SUPPORTED_VERSIONS:
        if (well && !o->highest_version) /* of the first, should there be two */
            o->highest_version = wt_agreed_highest(e->supported_versions.versions);
        break;
    default:
        break;
    }
}

static bool is_compared(uint16_t id)
{
    return !wt_agreed_may_change(id) || id == WT_EXT_KEY_SHARE;
}

static void take_extensions(struct wt_agreed *a, const struct wt_extensions *extensions)
{
    const struct wt_extensions_decoded *decoded = extensions->decoded;
    struct wt_offered *o = &a->offered;
    struct wt_span rest = extensions->block;
    struct wt_extension e;
    union wt_ext_body here;
    for (unsigned i = 0; wt_extensions_next(&rest, &e); i++) {
        if (wt_is_grease(e.id))
            continue;
        const struct wt_extension_decoded *known = decoded && i < decoded->count ? &decoded->list[i] : NULL;
        const bool well = known ? was_read((enum wt_code)known->code) : decode(e, WT_IN_CH, &here);
        const union wt_ext_body *fields = known ? &known->fields : &here;
        if (o->extension_count == WT_LIMIT_OFFERED_EXTENSIONS) {
            o->more_extensions = true;
        } else {
            o->extension[o->extension_count] = e.id;
            o->body_hash[o->extension_count++] = (uint32_t)(is_compared(e.id) ? wt_span_hash(e.body) : 0);
        }
        take_list(a, e.id, fields, well);
        take_value(o, e, fields, well);
    }
}

static void take_bytes(uint8_t room[32], uint8_t *length, struct wt_span bytes)
{
    *length = (uint8_t)(bytes.n <= 32 ? bytes.n : 0);
    if (*length)
        memcpy(room, bytes.p, *length);
}

/* RFC 8446, 4.2.1: "If this extension is not present, servers which are compliant with this specification and which
 * also support TLS 1.2 MUST negotiate TLS 1.2 or prior as specified in [RFC5246], even if
 * ClientHello.legacy_version is 0x0304 or later." */
static void take_versions(struct wt_agreed *a, const struct wt_client_hello *hello)
{
    static const uint16_t older[] = {WT_SSL3, WT_TLS10, WT_TLS11, WT_TLS12};
    const struct wt_code_set *s = &a->sets[WT_SET_VERSIONS];
    if (!a->offered.highest_version)
        a->offered.highest_version = hello->legacy_version;
    if (s->present)
        return;
    struct wt_code_set *made = begin(a, WT_SET_VERSIONS);
    made->present = false;
    for (size_t i = 0; i < sizeof older / sizeof *older; i++)
        if (older[i] <= hello->legacy_version)
            add(a, made, older[i]);
    if (hello->legacy_version < WT_SSL3 || hello->legacy_version > WT_TLS12)
        add(a, made, hello->legacy_version); /* TLCP, DTLS, and what only claims to be more */
}

static bool is_of_quic(const struct wt_extensions *e)
{
    struct wt_span parameters;
    return wt_extensions_find(e, WT_EXT_QUIC_TRANSPORT_PARAMETERS, &parameters) ||
           wt_extensions_find(e, WT_EXT_QUIC_TRANSPORT_PARAMETERS_DRAFT, &parameters);
}

void wt_agreed_client_hello(struct wt_agreed *a, const struct wt_client_hello *hello, bool whole)
{
    struct wt_offered *o = &a->offered;
    const bool another = o->seen && !a->chosen.seen;
    /* RFC 8446, 4.1.2 allows a second one "when the server has responded to its ClientHello with a HelloRetryRequest".
     * Without one, which of the two is answered is not known, and what one lacks the other may have. */
    const bool unasked = another && !a->retry.seen;
    a->block_count = 0;
    memset(a->sets, 0, sizeof a->sets);
    a->requested = (struct wt_requested){0};
    *o = (struct wt_offered){.seen = true,
                             .whole = whole && !unasked,
                             .second = a->retry.seen || another,
                             .stale = a->retry.seen && !another && !a->interleaved,
                             .dtls = wt_version_is_dtls(hello->legacy_version),
                             .quic = is_of_quic(&hello->extensions),
                             .legacy_version = hello->legacy_version,
                             .suites = (uint16_t)wt_codes_count(hello->cipher_suites)};
    take_bytes(o->random, &o->random_length, hello->random);
    take_bytes(o->session_id, &o->session_id_length, hello->session_id);
    fill(a, WT_SET_SUITES, hello->cipher_suites);
    fill_bytes(a, WT_SET_COMPRESSION, hello->compression_methods);
    o->suites_hash = (uint32_t)wt_span_hash(hello->cipher_suites);
    o->compression_hash = (uint32_t)wt_span_hash(hello->compression_methods);
    take_extensions(a, &hello->extensions);
    take_versions(a, hello);
    a->hello_blocks = a->block_count;
}

bool wt_agreed_is_made_anew(uint16_t id)
{
    return id == WT_EXT_KEY_SHARE || id == WT_EXT_PRE_SHARED_KEY || id == WT_EXT_SESSION_TICKET;
}

void wt_agreed_repeat(struct wt_agreed *a, const struct wt_agreed *like, const struct wt_client_hello *hello)
{
    static const struct wt_codec_context none;
    struct wt_offered *o = &a->offered;
    union wt_ext_body fields;
    struct wt_extension e;
    enum wt_code code;
    *o = like->offered;
    memcpy(a->sets, like->sets, sizeof a->sets);
    memcpy(a->blocks, like->blocks, like->block_count * sizeof *a->blocks);
    a->block_count = a->hello_blocks = like->block_count;
    take_bytes(o->random, &o->random_length, hello->random);
    take_bytes(o->session_id, &o->session_id_length, hello->session_id);
    o->external_psks = 0;
    for (unsigned i = 0; i < o->extension_count; i++) {
        e.id = o->extension[i];
        if (!wt_agreed_is_made_anew(e.id) ||
            !wt_extensions_take(&hello->extensions, e.id, &none, WT_IN_CH, &fields, &e.body, &code))
            continue;
        take_value(o, e, &fields, true);
        o->body_hash[i] = (uint32_t)(is_compared(e.id) ? wt_span_hash(e.body) : 0);
    }
}

void wt_agreed_ssl2_client_hello(struct wt_agreed *a, const struct wt_ssl2_client_hello *hello)
{
    const struct wt_client_hello as = {.legacy_version = hello->version, .random = hello->challenge};
    wt_agreed_client_hello(a, &as, true);
    a->offered.ssl2 = true;
    a->offered.suites = (uint16_t)(hello->cipher_specs.n / 3);
    a->sets[WT_SET_SUITES] = a->sets[WT_SET_COMPRESSION] = (struct wt_code_set){0};
    struct wt_code_set *s = begin(a, WT_SET_SUITES);
    for (size_t i = 0; i + 3 <= hello->cipher_specs.n; i += 3)
        if (!hello->cipher_specs.p[i])
            add(a, s, wt_get16(hello->cipher_specs.p + i + 1));
    /* RFC 5246, E.2: this form is read as a ClientHello "with a "null" compression method and no extensions" */
    fill_bytes(a, WT_SET_COMPRESSION, wt_span_of("", 1));
    a->hello_blocks = a->block_count;
}

/* --- CertificateRequest ------------------------------------------------------------------------------------------- */

void wt_agreed_certificate_request(struct wt_agreed *a, const struct wt_certificate_request *in, bool whole)
{
    struct wt_span rest = in->extensions.block;
    struct wt_extension e;
    union wt_ext_body body;
    a->block_count = a->hello_blocks;
    for (unsigned i = WT_SET_REQUEST_SCHEMES; i < WT_SET_COUNT; i++)
        a->sets[i] = (struct wt_code_set){0};
    a->requested = (struct wt_requested){.seen = true,
                                         .whole = whole,
                                         .several = a->requested.seen && a->finished[WT_SERVER],
                                         .context_length = (uint8_t)in->request_context.n,
                                         .context = (uint32_t)wt_span_hash(in->request_context)};
    if (in->signature_algorithms.n)
        fill(a, WT_SET_REQUEST_SCHEMES, in->signature_algorithms);
    if (in->certificate_types.n)
        fill_bytes(a, WT_SET_REQUEST_TYPES, in->certificate_types);
    if (!in->extensions.present)
        return;
    struct wt_code_set *s = begin(a, WT_SET_REQUEST_EXTENSIONS);
    while (wt_extensions_next(&rest, &e))
        add(a, s, e.id);
    rest = in->extensions.block;
    while (wt_extensions_next(&rest, &e)) {
        if (e.id == WT_EXT_COMPRESS_CERTIFICATE && decode(e, WT_IN_CR, &body))
            fill(a, WT_SET_REQUEST_COMPRESSION, body.compress_certificate.algorithms);
        if (e.id == WT_EXT_DELEGATED_CREDENTIAL && decode(e, WT_IN_CR, &body))
            fill(a, WT_SET_REQUEST_DELEGATED_SCHEMES, body.delegated_credential.supported_signature_algorithms);
    }
}
