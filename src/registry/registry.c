/* Names and sources of code points, and the rows of extensions, groups and signature schemes. */
#include "registry/registry.h"

#include "registry/quic.h"
#include "registry/search.h"

static const struct wt_extension_info extensions[] = {
#define WT_EXT(value, id, name, where, rfc) {value, where, name, rfc},
#include "registry/extensions.def"
#undef WT_EXT
};

static const struct wt_group groups[] = {
#define WT_GROUP(value, id, name, kind, bits, openssl, rfc) {value, name, WT_GROUP_##kind, bits, openssl, rfc},
#include "registry/groups.def"
#undef WT_GROUP
};

static const struct wt_scheme schemes[] = {
#define WT_SCHEME(value, id, name, key, hash, padding, rfc)                                                            \
    {value, name, WT_KEY_##key, WT_HASH_##hash, WT_PADDING_##padding == WT_PADDING_PSS, rfc},
#include "registry/signature_schemes.def"
#undef WT_SCHEME
};

/* Asked for each extension of each hello: a table of jumps is faster than a search. */
const struct wt_extension_info *wt_extension_find(uint16_t id)
{
    enum row {
#define WT_EXT(value, id, name, where, rfc) ROW_##id,
#include "registry/extensions.def"
#undef WT_EXT
    };
    switch (id) {
#define WT_EXT(value, id, name, where, rfc)                                                                            \
    case value:                                                                                                        \
        return &extensions[ROW_##id];
#include "registry/extensions.def"
#undef WT_EXT
    default:
        return NULL;
    }
}

bool wt_handshake_type_is_known(uint8_t type)
{
    static const bool known[256] = {
#define WT_ROW(value, id, name, rfc) [value] = true,
#include "registry/handshake_types.def"
#undef WT_ROW
    };
    return known[type];
}

const struct wt_group *wt_group_find(uint16_t id)
{
    WT_SEARCH(groups, id, id);
}

const struct wt_scheme *wt_scheme_find(uint16_t id)
{
    WT_SEARCH(schemes, id, id);
}

/* A code point of which only the name matters. `key` joins the registry (above bit 56) and the value. */
struct row {
    uint64_t key;
    const char *name, *rfc;
};

/* no value reaches here: QUIC's varints end at 2^62, and only QUIC's registry has values beyond 2^24 */
#define KEY(registry, value) ((uint64_t)(registry) << 56 | (uint64_t)(value))
#define VALUE_LIMIT ((uint64_t)1 << 56)

/* Asked for each message: by value, and without a name where there is none. */
static const struct row content_types[256] = {
#define WT_ROW(value, id, name, rfc) [value] = {KEY(WT_REG_CONTENT_TYPE, value), name, rfc},
#include "registry/content_types.def"
#undef WT_ROW
};

static const struct row handshake_types[256] = {
#define WT_ROW(value, id, name, rfc) [value] = {KEY(WT_REG_HANDSHAKE_TYPE, value), name, rfc},
#include "registry/handshake_types.def"
#undef WT_ROW
};

static const struct row rows[] = {
#define WT_VERSION(value, name, rfc) {KEY(WT_REG_VERSION, value), name, rfc},
#include "registry/versions.def"
#undef WT_VERSION
#define WT_SUITE(id, name, kx, auth, cipher, mac, prf, recommended, rfc) {KEY(WT_REG_CIPHER_SUITE, id), name, rfc},
#define WT_SCSV(id, name, rfc) {KEY(WT_REG_CIPHER_SUITE, id), name, rfc},
#include "registry/cipher_suites.def"
#undef WT_SUITE
#undef WT_SCSV
#define WT_SSL2(value, name, cipher, key, clear, rfc) {KEY(WT_REG_SSL2_CIPHER, value), name, rfc},
#include "registry/ssl2_ciphers.def"
#undef WT_SSL2
#define WT_ROW(value, id, name, rfc) {KEY(WT_REG_ALERT, value), name, rfc},
#include "registry/alerts.def"
#undef WT_ROW
};

static const struct row small_rows[] = {
#define WT_SMALL(registry, value, name, rfc) {KEY(WT_REG_##registry, value), name, rfc},
#include "registry/small_registries.def"
#undef WT_SMALL
};

/* By index. */
static const struct {
    const char *field, *name;
} qpack_fields[] = {
#define WT_QPACK_STATIC(index, name, value) [index] = {name ": " value, name},
#include "registry/qpack_static.def"
#undef WT_QPACK_STATIC
};

static bool look_up_qpack(uint64_t index, bool whole, struct row *found)
{
    if (index >= sizeof qpack_fields / sizeof *qpack_fields)
        return false;
    *found = (struct row){index, whole ? qpack_fields[index].field : qpack_fields[index].name, "RFC 9204, appendix A"};
    return true;
}

static const struct row *find_row(uint64_t key)
{
    WT_SEARCH(rows, key, key);
}

static const struct row *find_small(uint64_t key)
{
    WT_SEARCH(small_rows, key, key);
}

/* TLS 1.3 on its way: each draft had a version of its own, so that nobody would take it for the RFC. RFC 8446's drafts,
 * 4.2.1.1: "0x7f00 | draft version". 28 was the last; DTLS 1.3 counted on, to 43, which NSS still speaks. */
#define DRAFTS 29
static const char *const draft_names[DRAFTS] = {
#define DRAFT(n) [n] = "TLS 1.3 (draft " #n ")"
    DRAFT(0),  DRAFT(1),  DRAFT(2),  DRAFT(3),  DRAFT(4),  DRAFT(5),  DRAFT(6),  DRAFT(7),  DRAFT(8),  DRAFT(9),
    DRAFT(10), DRAFT(11), DRAFT(12), DRAFT(13), DRAFT(14), DRAFT(15), DRAFT(16), DRAFT(17), DRAFT(18), DRAFT(19),
    DRAFT(20), DRAFT(21), DRAFT(22), DRAFT(23), DRAFT(24), DRAFT(25), DRAFT(26), DRAFT(27), DRAFT(28),
#undef DRAFT
};

enum { FIRST_DTLS_DRAFT = 29, DTLS_DRAFTS = 44 };
static const char *const dtls_draft_names[DTLS_DRAFTS - FIRST_DTLS_DRAFT] = {
#define DRAFT(n) [n - FIRST_DTLS_DRAFT] = "DTLS 1.3 (draft " #n ")"
    DRAFT(29), DRAFT(30), DRAFT(31), DRAFT(32), DRAFT(33), DRAFT(34), DRAFT(35), DRAFT(36),
    DRAFT(37), DRAFT(38), DRAFT(39), DRAFT(40), DRAFT(41), DRAFT(42), DRAFT(43),
#undef DRAFT
};

struct version_name {
    uint16_t id;
    const char *name;
};

/* Trials under numbers of the companies that ran them. */
static const struct version_name trial_names[] = {
    {0x7e01, "TLS 1.3 (Google experiment 1)"}, {0x7e02, "TLS 1.3 (Google experiment 2)"},
    {0x7e03, "TLS 1.3 (Google experiment 3)"}, {0xfb17, "TLS 1.3 (Facebook draft 23)"},
    {0xfb1a, "TLS 1.3 (Facebook draft 26)"},
};

static const struct version_name *find_trial(uint16_t version)
{
    WT_SEARCH(trial_names, id, version);
}

const char *wt_version_name(uint16_t version)
{
    if (version >> 8 == 0x7f && (version & 0xff) < DRAFTS) {
        return draft_names[version & 0xff];
    }
    if (version >> 8 == 0x7f && (version & 0xff) < DTLS_DRAFTS) {
        return dtls_draft_names[(version & 0xff) - FIRST_DTLS_DRAFT];
    }
    const struct version_name *trial = find_trial(version);
    if (trial != NULL) {
        return trial->name;
    }
    const struct row *row = find_row(KEY(WT_REG_VERSION, version));
    return row != NULL ? row->name : NULL;
}

static bool is_grease(enum wt_registry registry, uint64_t value)
{
    switch (registry) {
    case WT_REG_VERSION:
    case WT_REG_CIPHER_SUITE:
    case WT_REG_EXTENSION:
    case WT_REG_GROUP:
    case WT_REG_SIGNATURE_SCHEME:
        return wt_is_grease((uint16_t)value);
    case WT_REG_PSK_KEY_EXCHANGE_MODE:
        /* RFC 8701, 2: 0x0B, 0x2A, 0x49, 0x68, 0x87, 0xA6, 0xC5, 0xE4 */
        return value >= 0x0b && value <= 0xe4 && (value - 0x0b) % 0x1f == 0;
    case WT_REG_QUIC_VERSION:
        return wt_quic_version_is_reserved((uint32_t)value);
    case WT_REG_QUIC_PARAMETER:
        /* RFC 9000, 18.1: those "of the form "31 * N + 27" for integer values of N are reserved" */
        return value % 31 == 27;
    default:
        return false;
    }
}

static bool in_width(enum wt_registry registry, uint64_t value)
{
    unsigned width = wt_registry_width(registry);
    return width == 0 ? value < VALUE_LIMIT : value >> (8 * width) == 0;
}

/* Name and source of a code point; false for one without a name. */
static bool look_up(enum wt_registry registry, uint64_t value, struct row *found)
{
    const struct row *row = NULL;
    switch (registry) {
    case WT_REG_EXTENSION: {
        const struct wt_extension_info *extension = wt_extension_find((uint16_t)value);
        *found = extension != NULL ? (struct row){value, extension->name, extension->rfc} : (struct row){0};
        return extension != NULL;
    }
    case WT_REG_GROUP: {
        const struct wt_group *group = wt_group_find((uint16_t)value);
        *found = group != NULL ? (struct row){value, group->name, group->rfc} : (struct row){0};
        return group != NULL;
    }
    case WT_REG_SIGNATURE_SCHEME: {
        const struct wt_scheme *scheme = wt_scheme_find((uint16_t)value);
        *found = scheme != NULL ? (struct row){value, scheme->name, scheme->rfc} : (struct row){0};
        return scheme != NULL;
    }
    case WT_REG_CIPHER_SUITE: {
        const struct wt_suite *suite = wt_suite_find((uint16_t)value);
        if (suite != NULL) {
            *found = (struct row){value, suite->name, suite->rfc};
            return true;
        }
        row = find_row(KEY(registry, value)); /* signaling values */
        break;
    }
    case WT_REG_CONTENT_TYPE: /* one byte wide: its width was checked */
        row = &content_types[value & 0xff];
        break;
    case WT_REG_HANDSHAKE_TYPE:
        row = &handshake_types[value & 0xff];
        break;
    case WT_REG_QUIC_VERSION: {
        const struct wt_quic_version *version = wt_quic_version_find((uint32_t)value);
        if (version != NULL) {
            *found = (struct row){value, version->name, version->rfc};
            return true;
        }
        row = find_small(KEY(registry, value)); /* what has a name and is not opened */
        break;
    }
    case WT_REG_VERSION:
    case WT_REG_SSL2_CIPHER:
    case WT_REG_ALERT:
        row = find_row(KEY(registry, value));
        break;
    default:
        row = find_small(KEY(registry, value));
        break;
    }
    if (row == NULL || row->name == NULL) {
        return false;
    }
    *found = *row;
    return true;
}

static bool find(enum wt_registry registry, uint64_t value, struct row *found)
{
    if ((unsigned)registry >= WT_REG_COUNT || registry == WT_REG_NONE) {
        return false;
    }
    if (registry == WT_REG_QPACK_STATIC || registry == WT_REG_QPACK_STATIC_NAME) {
        return look_up_qpack(value, registry == WT_REG_QPACK_STATIC, found);
    }
    if (in_width(registry, value) && look_up(registry, value, found)) {
        return true;
    }
    if (registry == WT_REG_VERSION && value <= UINT16_MAX && wt_version_name((uint16_t)value) != NULL) {
        *found = (struct row){value, wt_version_name((uint16_t)value), "draft-ietf-tls-tls13-28, 4.2.1.1"};
        return true;
    }
    if ((registry == WT_REG_QUIC_PARAMETER || in_width(registry, value)) && is_grease(registry, value)) {
        const char *rfc = registry == WT_REG_QUIC_PARAMETER ? "RFC 9000, 18.1"
                          : registry == WT_REG_QUIC_VERSION ? "RFC 9000, 15"
                                                            : "RFC 8701, 2";
        *found = (struct row){value, "GREASE", rfc};
        return true;
    }
    return false;
}

const char *wt_registry_name(enum wt_registry registry, uint64_t value)
{
    struct row found;
    return find(registry, value, &found) ? found.name : NULL;
}

const char *wt_registry_rfc(enum wt_registry registry, uint64_t value)
{
    struct row found;
    return find(registry, value, &found) ? found.rfc : NULL;
}

unsigned wt_registry_width(enum wt_registry registry)
{
    static const uint8_t widths[WT_REG_COUNT] = {
#define WT_REGISTRY(id, width) [WT_REG_##id] = width,
#include "registry/registries.def"
#undef WT_REGISTRY
    };
    return (unsigned)registry < WT_REG_COUNT ? widths[registry] : 0;
}
