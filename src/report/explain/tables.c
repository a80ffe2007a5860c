/* Lookups in the teacher's tables. */
#include "report/explain/tables.h"

#include "base/i18n.h"
#include "codec/codec.h"
#include "registry/registry.h"

#include <string.h>

enum { ALL = 3, OLD = 1, NEW = 2, TLCP = 4 };

struct explained {
    uint8_t type, versions;
    struct wt_explain_message message;
};

static const struct explained handshakes[] = {
#define WT_MESSAGE_TOLD(id, versions, rfc, purpose, then) {WT_HANDSHAKE_##id, versions, {purpose, then, rfc}},
#include "report/explain/messages.def"
#undef WT_MESSAGE_TOLD
};

static const struct explained ssl2[] = {
#define WT_SSL2_TOLD(id, rfc, purpose, then) {WT_SSL2_##id, ALL, {purpose, then, rfc}},
#include "report/explain/messages.def"
#undef WT_SSL2_TOLD
};

static const struct explained contents[] = {
#define WT_CONTENT_TOLD(id, versions, rfc, purpose, then) {WT_CONTENT_##id, versions, {purpose, then, rfc}},
#include "report/explain/messages.def"
#undef WT_CONTENT_TOLD
};

static const struct wt_explain_message *find(const struct explained *rows, size_t n, uint8_t type, unsigned version)
{
    for (size_t i = 0; i < n; i++)
        if (rows[i].type == type && rows[i].versions & version)
            return &rows[i].message;
    return NULL;
}

const struct wt_explain_message *wt_explain_handshake(uint8_t type, bool tls13)
{
    return find(handshakes, sizeof handshakes / sizeof *handshakes, type, tls13 ? NEW : OLD);
}

const struct wt_explain_message *wt_explain_tlcp(uint8_t type)
{
    const struct wt_explain_message *own = find(handshakes, sizeof handshakes / sizeof *handshakes, type, TLCP);
    return own ? own : wt_explain_handshake(type, false);
}

const struct wt_explain_message *wt_explain_ssl2(uint8_t type)
{
    return find(ssl2, sizeof ssl2 / sizeof *ssl2, type, ALL);
}

const struct wt_explain_message *wt_explain_content(uint8_t content_type, bool tls13)
{
    return find(contents, sizeof contents / sizeof *contents, content_type, tls13 ? NEW : OLD);
}

const struct wt_explain_alert *wt_explain_alert(uint8_t description)
{
    static const struct {
        uint8_t description;
        struct wt_explain_alert alert;
    } rows[] = {
#define WT_ALERT_TOLD(id, brief, meaning, cause) {WT_ALERT_##id, {brief, meaning, cause}},
#include "report/explain/alerts.def"
#undef WT_ALERT_TOLD
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].description == description)
            return &rows[i].alert;
    return NULL;
}

const char *wt_explain_extension(uint16_t id)
{
    static const struct {
        uint16_t id;
        const char *text;
    } rows[] = {
#define WT_EXTENSION_TOLD(id, text) {WT_EXT_##id, text},
#include "report/explain/extensions.def"
#undef WT_EXTENSION_TOLD
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].id == id)
            return rows[i].text;
    return wt_is_grease(id) ? N_("GREASE: a reserved value that will never be assigned. Clients add some at random to "
                                 "expose servers that fail on unknown values (RFC 8701).")
                            : NULL;
}

const char *wt_explain_field(const char *where, const char *field)
{
    static const struct {
        const char *where, *field, *text;
    } rows[] = {
#define WT_FIELD_TOLD(where, field, text) {where, field, text},
#include "report/explain/fields.def"
#include "report/explain/datagram_fields.def"
#undef WT_FIELD_TOLD
    };
    const char *anywhere = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (*rows[i].field != *field || strcmp(rows[i].field, field) != 0) /* most differ at once */
            continue;
        if (where && strcmp(rows[i].where, where) == 0)
            return rows[i].text;
        if (!*rows[i].where)
            anywhere = rows[i].text;
    }
    return anywhere;
}

const char *wt_explain_key_exchange(enum wt_kx kx)
{
    static const char *const texts[WT_KX_COUNT] = {
#define WT_KX_TEXT(id, text) [WT_KX_##id] = text,
#include "report/explain/key_exchanges.def"
#undef WT_KX_TEXT
    };
    return (unsigned)kx < WT_KX_COUNT ? texts[kx] : NULL;
}

const char *wt_explain_authentication(enum wt_auth auth)
{
    static const char *const texts[WT_AUTH_COUNT] = {
#define WT_AUTH_TEXT(id, text) [WT_AUTH_##id] = text,
#include "report/explain/authentications.def"
#undef WT_AUTH_TEXT
    };
    return (unsigned)auth < WT_AUTH_COUNT ? texts[auth] : NULL;
}

const char *wt_explain_cipher(enum wt_cipher_id cipher)
{
    static const char *const texts[WT_CIPHER_COUNT] = {
#define WT_CIPHER_TEXT(id, text) [WT_CIPHER_##id] = text,
#include "report/explain/ciphers.def"
#undef WT_CIPHER_TEXT
    };
    return (unsigned)cipher < WT_CIPHER_COUNT ? texts[cipher] : NULL;
}
