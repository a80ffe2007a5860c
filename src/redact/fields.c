#include "redact/fields.h"

#include "base/date.h"
#include "base/der.h"
#include "base/memory.h"
#include "registry/registry.h"
#include "report/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct work {
    struct wt_standins *s;
    uint8_t *out;
    struct wt_span in;
    bool retry; /* the random is that of a HelloRetryRequest, which says so */
    /* code points side by side that have no name: how many, of how many bytes each, and where the next would be */
    size_t nameless, nameless_bytes, nameless_end;
};

/* So many in a row are hardly code points: of a message that is damaged they may be text, misread. */
enum { MISREAD = 3 };

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

/* --- times in DER ------------------------------------------------------------------------------------------------- */

/* n digits at p, or -1. */
static int digits(const uint8_t *p, unsigned n)
{
    int value = 0;
    for (; n; n--, p++) {
        if (*p < '0' || *p > '9')
            return -1;
        value = value * 10 + (*p - '0');
    }
    return value;
}

/* RFC 5280, 4.1.2.5: YYMMDDHHMMSSZ, and YYYYMMDDHHMMSSZ; what is not so becomes zeros. */
static void moved_time(struct wt_standins *s, struct wt_span in, uint8_t *out)
{
    const unsigned year = in.n == 13 ? 2 : 4;
    struct tm tm = {0};
    char text[64];
    memset(out, '0', in.n);
    if (in.n != 11 + year || in.p[in.n - 1] != 'Z')
        return;
    int part[6] = {digits(in.p, year)};
    for (unsigned i = 1; i < 6; i++)
        part[i] = digits(in.p + year + 2 * (i - 1), 2);
    for (unsigned i = 0; i < 6; i++)
        if (part[i] < 0)
            return;
    /* "Where YY is greater than or equal to 50, the year SHALL be interpreted as 19YY" */
    tm.tm_year = year == 4 ? part[0] - 1900 : part[0] < 50 ? part[0] + 100 : part[0];
    tm.tm_mon = part[1] - 1;
    tm.tm_mday = part[2];
    tm.tm_hour = part[3];
    tm.tm_min = part[4];
    tm.tm_sec = part[5];
    int64_t at = wt_standin_date(s, wt_date_seconds(&tm));
    if (year == 2) /* 1950 to 2049 */
        at = at < -631152000 ? -631152000 : at > 2524607999 ? 2524607999 : at;
    if (!wt_date_of(at, &tm) || tm.tm_year < -1900 || tm.tm_year > 8099)
        return;
    const int n = snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                           tm.tm_hour, tm.tm_min, tm.tm_sec);
    if (n == 15)
        memcpy(out, text + 4 - year, in.n);
}

/* --- leaves --------------------------------------------------------------------------------------------------------
 */

/* Object identifiers of standards; others name an organization's own. Their bytes, as X.690, 8.19 has them. */
static bool is_of_a_standard(struct wt_span oid)
{
    static const char *const arcs[] = {
        "\x55",                                 /* 2.5: X.500 */
        "\x2b\x06\x01\x05\x05",                 /* 1.3.6.1.5.5: PKIX */
        "\x2a\x86\x48\x86\xf7\x0d",             /* 1.2.840.113549: PKCS */
        "\x2a\x86\x48\xce\x3d",                 /* 1.2.840.10045: X9.62 */
        "\x2a\x86\x48\xce\x38",                 /* 1.2.840.10040: X9.57 */
        "\x2a\x86\x48\xce\x3e",                 /* 1.2.840.10046: X9.42 */
        "\x2b\x81\x04",                         /* 1.3.132: SECG */
        "\x2b\x65",                             /* 1.3.101: RFC 8410 */
        "\x2b\x0e",                             /* 1.3.14: OIW */
        "\x2b\x24\x03",                         /* 1.3.36.3: TeleTrusT */
        "\x60\x86\x48\x01\x65\x03\x04",         /* 2.16.840.1.101.3.4: NIST's algorithms */
        "\x2a\x81\x1c\xcf\x55\x01",             /* 1.2.156.10197.1: GM/T 0006 */
        "\x2a\x85\x03\x07",                     /* 1.2.643.7: RFC 9215 */
        "\x2a\x85\x03\x02",                     /* 1.2.643.2: RFC 4491 */
        "\x67\x81\x0c\x01",                     /* 2.23.140.1: CA/Browser Forum */
        "\x2b\x06\x01\x04\x01\xd6\x79\x02\x04", /* 1.3.6.1.4.1.11129.2.4: RFC 6962 */
        "\x09\x92\x26\x89\x93\xf2\x2c\x64\x01", /* 0.9.2342.19200300.100.1: RFC 4519 */
    };
    for (size_t i = 0; i < sizeof arcs / sizeof *arcs; i++)
        if (wt_span_starts(oid, arcs[i]) && oid.n <= strlen(arcs[i]) + 3) /* in a longer one could be anything */
            return true;
    return oid.n < 3;
}

/* Others are below 2.999, which X.660 has for examples. */
static void oid(struct work *w, const struct wt_field *f, uint8_t *out)
{
    const struct wt_span in = f->bytes;
    if (f->value_name || is_of_a_standard(in)) {
        memcpy(out, in.p, in.n);
        return;
    }
    wt_standin_bytes(w->s, in, out);
    out[0] = 0x88;
    out[1] = 0x37;
    for (size_t i = 2; i < in.n; i++) /* one byte an arc, none of them 0 */
        out[i] = (uint8_t)((out[i] & 0x7f) | 1);
}

/* An INTEGER of DER stays as short as it was, and of its sign (X.690, 8.3.2). */
static void integer(struct work *w, struct wt_span in, uint8_t *out)
{
    wt_standin_bytes(w->s, in, out);
    const bool padded = in.n > 1 && (in.p[0] == 0 || in.p[0] == 0xff);
    if (padded) {
        out[0] = in.p[0];
        out[1] = (uint8_t)((out[1] & 0x7f) | (in.p[1] & 0x80));
    } else if (in.n) {
        out[0] = (uint8_t)((out[0] & 0x3f) | (in.p[0] & 0x80) | 0x40 >> (in.p[0] >> 7));
    }
    wt_standin_differ(in, out);
}

/* Numbers that are the protocol's, or sizes and spans of time, however many bytes they take; of those in one or two
 * bytes, all but the ones below. */
static bool number_stays(const struct wt_field *f)
{
    static const char *const large[] = {"ticket_lifetime",
                                        "ticket_lifetime_hint",
                                        "max_early_data_size",
                                        "length",
                                        "uncompressed_length",
                                        "valid_time",
                                        NULL};
    static const char *const small[] = {"serialNumber",
                                        "authorityCertSerialNumber",
                                        "config_id",
                                        "INTEGER",
                                        "ENUMERATED",
                                        "value",
                                        "parameters",
                                        "qualifier",
                                        NULL};
    return f->length <= 2 ? !is_one_of(f->name, small) : is_one_of(f->name, large);
}

static void number(struct work *w, const struct wt_field *f, uint8_t *out)
{
    if (number_stays(f)) {
        memcpy(out, f->bytes.p, f->length);
    } else if (strcmp(f->name, "timestamp") == 0 && f->length == 8) { /* RFC 6962, 3.2: milliseconds */
        const int64_t ms = f->number > INT64_MAX / 1000 ? INT64_MAX : (int64_t)f->number;
        const uint64_t moved = (uint64_t)wt_standin_date(w->s, ms / 1000) * 1000;
        for (unsigned i = 0; i < 8; i++)
            out[i] = (uint8_t)(moved >> (56 - 8 * i));
    } else {
        integer(w, f->bytes, out);
    }
}

/* RFC 8446, 4.1.3: the SHA-256 of "HelloRetryRequest", and what a server that could do better ends its random with. */
static void random_value(struct work *w, struct wt_span in, uint8_t *out)
{
    static const uint8_t downgrade[7] = {'D', 'O', 'W', 'N', 'G', 'R', 'D'};
    wt_standin_bytes(w->s, in, out);
    if (in.n != 32)
        return;
    if (w->retry)
        memcpy(out, in.p, in.n);
    else if (memcmp(in.p + 24, downgrade, sizeof downgrade) == 0 && in.p[31] <= 1)
        memcpy(out + 24, in.p + 24, 8);
}

/* Shares stay of their form: SEC 1, 2.3.3 begins a point of a curve with 2, 3 or 4. */
static void share(struct work *w, struct wt_span in, uint8_t *out)
{
    wt_standin_bytes(w->s, in, out);
    if (in.n % 2 && in.n > 32 && in.p[0] >= 2 && in.p[0] <= 4)
        out[0] = in.p[0];
}

/* RFC 5280, 4.2.1.6 and, with a mask behind, 4.2.1.10. */
static void address(struct work *w, struct wt_span in, uint8_t *out)
{
    wt_standin_bytes(w->s, in, out);
    if (in.n == 4 || in.n == 8)
        wt_standin_ipv4(w->s, in.p, out);
    else if (in.n == 16 || in.n == 32)
        wt_standin_address(w->s, in.p, out);
    if (in.n == 8 || in.n == 32)
        memcpy(out + in.n / 2, in.p + in.n / 2, in.n / 2);
}

static void bytes(struct work *w, const struct wt_field *f, uint8_t *out)
{
    static const char *const stay[] = {"keyUsage", "reasons", "dh_g",    "srp_g", "rsa_exponent",
                                       "NULL",     "good",    "unknown", NULL};
    static const char *const shares[] = {"key_exchange", "public", "ecdh_Yc", "ecdh_share", "subjectPublicKey", NULL};
    static const char *const integers[] = {"serialNumber", "authorityCertSerialNumber", "INTEGER", NULL};
    const uint8_t tag = f->prefix ? f->bytes.p[-(ptrdiff_t)f->prefix] : 0;
    const bool der = strchr(f->path, '/') != NULL;
    if (is_one_of(f->name, stay) && f->length <= 4)
        memcpy(out, f->bytes.p, f->length);
    else if (strcmp(f->name, "random") == 0)
        random_value(w, f->bytes, out);
    else if (is_one_of(f->name, shares))
        share(w, f->bytes, out);
    else if (is_one_of(f->name, integers))
        integer(w, f->bytes, out);
    else if (strcmp(f->name, "iPAddress") == 0)
        address(w, f->bytes, out);
    else if (der && (tag == WT_DER_BMP || strcmp(f->name, "BMPString") == 0))
        wt_standin_wide(w->s, f->bytes, 2, out);
    else if (der && (tag == WT_DER_UNIVERSAL || strcmp(f->name, "UniversalString") == 0))
        wt_standin_wide(w->s, f->bytes, 4, out);
    else
        wt_standin_content(w->s, f->bytes, out);
}

static void text(struct work *w, const struct wt_field *f, uint8_t *out)
{
    static const char *const times[] = {"notBefore",      "notAfter", "thisUpdate",      "nextUpdate", "producedAt",
                                        "revocationTime", "UTCTime",  "GeneralizedTime", NULL};
    static const char *const protocols[] = {"protocol_name", "protocol", "selected_protocol", NULL};
    if (is_one_of(f->name, times))
        moved_time(w->s, f->bytes, out);
    else if (is_one_of(f->name, protocols))
        wt_standin_alpn(w->s, f->bytes, out);
    else if (wt_is_readable(f->bytes))
        wt_standin_text(w->s, f->bytes, out);
    else
        wt_standin_bytes(w->s, f->bytes, out);
}

static void code(struct work *w, const struct wt_field *f, uint8_t *out)
{
    memcpy(out, f->bytes.p, f->length);
    const bool beside = f->offset == w->nameless_end && f->length == w->nameless_bytes;
    w->nameless = f->value_name ? 0 : beside ? w->nameless + 1 : 1;
    w->nameless_bytes = f->length;
    w->nameless_end = f->offset + f->length;
    if (w->nameless < MISREAD)
        return;
    /* those before the third have been left until now */
    for (size_t i = w->nameless == MISREAD ? MISREAD : 1; i-- > 0;) {
        const size_t at = f->offset - i * f->length;
        wt_standin_bytes(w->s, wt_span_cut(w->in, at, f->length), w->out + at);
    }
}

/* An outer field comes before those in it, which are written over what it left. */
static bool field(void *context, const struct wt_field *f)
{
    struct work *w = context;
    if (f->kind == WT_FIELD_ERROR || f->offset < f->prefix || f->offset > w->in.n || f->length > w->in.n - f->offset)
        return true;
    uint8_t *out = w->out + f->offset;
    memcpy(out - f->prefix, w->in.p + f->offset - f->prefix, f->prefix);
    if (!f->length)
        return true;
    switch (f->kind) {
    case WT_FIELD_NUMBER:
        number(w, f, out);
        break;
    case WT_FIELD_CODE:
        code(w, f, out);
        break;
    case WT_FIELD_OID:
        oid(w, f, out);
        break;
    case WT_FIELD_BYTES:
        bytes(w, f, out);
        break;
    case WT_FIELD_TEXT:
        text(w, f, out);
        break;
    default: /* its fields follow */
        break;
    }
    return true;
}

void wt_redact_message(struct wt_standins *s, const struct wt_message *m, uint8_t *out)
{
    struct work w = {.s = s, .out = out, .in = m->body, .retry = m->flags & WT_MESSAGE_RETRY};
    if (!m->body.n)
        return;
    wt_standin_bytes(s, m->body, out);
    (void)wt_fields_whole(m, field, &w);
}

/* A SEQUENCE whose first element is one that begins with an OID: SubjectPublicKeyInfo, not Certificate. */
static bool is_public_key(struct wt_span der)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, der, NULL);
    struct wt_der d;
    for (unsigned i = 0; i < 2; i++) {
        if (!wt_der_peek(&r, "SubjectPublicKeyInfo", &d) || d.tag != WT_DER_SEQUENCE)
            return false;
        r = wt_der_enter(&r, "SubjectPublicKeyInfo", &d, WT_TRAIL_STRUCT, true);
    }
    return wt_der_peek(&r, "algorithm", &d) && d.tag == WT_DER_OID;
}

/* RFC 7250, 3: a Certificate message up to TLS 1.2 is its length and itself. */
static void public_key(struct wt_standins *s, struct wt_span der, uint8_t *out)
{
    uint8_t *body = wt_malloc(2 * (der.n + 3));
    if (!body)
        return;
    const struct wt_message m = {.content_type = WT_CONTENT_HANDSHAKE,
                                 .type = WT_HANDSHAKE_CERTIFICATE,
                                 .flags = WT_MESSAGE_TYPED,
                                 .shape = {.version = WT_TLS12, .certificate_type = 2},
                                 .body = wt_span_of(body, der.n + 3)};
    for (unsigned i = 0; i < 3; i++)
        body[i] = (uint8_t)(der.n >> (16 - 8 * i));
    memcpy(body + 3, der.p, der.n);
    wt_redact_message(s, &m, body + der.n + 3);
    memcpy(out, body + der.n + 6, der.n);
    free(body);
}

void wt_redact_certificate(struct wt_standins *s, struct wt_span der, uint8_t *out)
{
    struct work w = {.s = s, .out = out, .in = der};
    if (!der.n)
        return;
    wt_standin_bytes(s, der, out);
    if (is_public_key(der) && der.n <= 0xffffff)
        public_key(s, der, out);
    else
        (void)wt_fields_certificate(der, field, &w);
}
