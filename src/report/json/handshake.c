/* Bodies of handshake messages: the trail's fields in their order under the contract's names, then what the contract
 * adds to a type (fingerprints, what extensions say, digests). Whatever a malformed message still gave is told. */
#include "report/json/handshake.h"

#include "base/memory.h"
#include "base/uninitialized.h"
#include "codec/ext/ext.h"
#include "registry/limits.h"
#include "report/fields.h"
#include "report/json/json.h"
#include "report/json/pattern.h"
#include "report/json/trail.h"
#include "wiretale/registry.h"

#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdlib.h>

/* How a field of the trail is told when it is not told generically. */
enum form {
    FORM_SAME,     /* under another name */
    FORM_INTEGERS, /* a list of integers, or one */
    FORM_LENGTH,   /* as it is, and KEY_length beside it */
    FORM_NAME,     /* the code point's name */
    FORM_BOOL,
    FORM_NAMES, /* distinguished names as RFC 4514 strings */
    FORM_FLAT,  /* the struct's fields without the struct */
};

struct row {
    uint8_t type; /* enum wt_handshake_type */
    const char *field, *key;
    enum form form;
};

static const struct row rows[] = {
    {WT_HANDSHAKE_CLIENT_HELLO, "compression_methods", "compression_methods", FORM_INTEGERS},
    {WT_HANDSHAKE_SERVER_HELLO, "compression_method", "compression_method", FORM_INTEGERS},
    {WT_HANDSHAKE_NEW_SESSION_TICKET, "ticket_lifetime_hint", "lifetime", FORM_SAME},
    {WT_HANDSHAKE_NEW_SESSION_TICKET, "ticket_lifetime", "lifetime", FORM_SAME},
    {WT_HANDSHAKE_NEW_SESSION_TICKET, "ticket_age_add", "age_add", FORM_SAME},
    {WT_HANDSHAKE_NEW_SESSION_TICKET, "ticket_nonce", "nonce", FORM_SAME},
    {WT_HANDSHAKE_NEW_SESSION_TICKET, "ticket", "ticket", FORM_LENGTH},
    {WT_HANDSHAKE_SERVER_KEY_EXCHANGE, "params", NULL, FORM_FLAT},
    {WT_HANDSHAKE_SERVER_KEY_EXCHANGE, "curve_params", NULL, FORM_FLAT},
    {WT_HANDSHAKE_SERVER_KEY_EXCHANGE, "public", "public_key", FORM_SAME},
    {WT_HANDSHAKE_SERVER_KEY_EXCHANGE, "dh_Ys", "public_key", FORM_SAME},
    {WT_HANDSHAKE_SERVER_KEY_EXCHANGE, "signature_algorithm", "signature_scheme", FORM_SAME},
    {WT_HANDSHAKE_CERTIFICATE_VERIFY, "algorithm", "signature_scheme", FORM_SAME},
    {WT_HANDSHAKE_CERTIFICATE, "certificate_request_context", "request_context", FORM_SAME},
    {WT_HANDSHAKE_CERTIFICATE_REQUEST, "certificate_request_context", "request_context", FORM_SAME},
    {WT_HANDSHAKE_CERTIFICATE_REQUEST, "certificate_types", "certificate_types", FORM_INTEGERS},
    {WT_HANDSHAKE_CERTIFICATE_REQUEST, "supported_signature_algorithms", "signature_algorithms", FORM_SAME},
    {WT_HANDSHAKE_CERTIFICATE_REQUEST, "certificate_authorities", "authorities", FORM_NAMES},
    {WT_HANDSHAKE_CERTIFICATE_STATUS, "status_type", "response_type", FORM_NAME},
    {WT_HANDSHAKE_CERTIFICATE_STATUS, "response", "response", FORM_LENGTH},
    {WT_HANDSHAKE_KEY_UPDATE, "request_update", "update_requested", FORM_BOOL},
    {WT_HANDSHAKE_COMPRESSED_CERTIFICATE, "compressed_certificate_message", "compressed_certificate_message",
     FORM_LENGTH},
};

/* A message's fields and where they are. */
struct source {
    const struct wt_trail *trail;
    const uint8_t *base; /* the message */
    const struct wt_connection *connection;
    uint8_t type, side; /* of the message */
};

static const struct row *row_of(uint8_t type, const char *field)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].type == type && rows[i].field[0] == field[0] && strcmp(rows[i].field, field) == 0)
            return &rows[i];
    return NULL;
}

/* --- distinguished names ----------------------------------------------------------------------------------------- */

/* RFC 4514, 2.4: what has no string form stands as "#" and hex. */
static void raw_name(struct wt_json *j, struct wt_span der)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * 256 + 2] = "#";
    size_t n = 1;
    for (size_t i = 0; i < der.n && n + 2 < sizeof text; i++) {
        text[n++] = digits[der.p[i] >> 4];
        text[n++] = digits[der.p[i] & 15];
    }
    text[n] = 0;
    wt_json_text(j, text);
}

static void distinguished_name(struct wt_json *j, struct wt_span der)
{
    const unsigned char *p = der.p;
    X509_NAME *name = der.n <= LONG_MAX ? d2i_X509_NAME(NULL, &p, (long)der.n) : NULL;
    BIO *out = name && p == der.p + der.n ? BIO_new(BIO_s_mem()) : NULL;
    char *text = NULL;
    /* Bytes above ASCII stay UTF-8; the writer judges them. */
    bool ok = out && X509_NAME_print_ex(out, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0;
    if (ok && BIO_write(out, "", 1) == 1 && BIO_get_mem_data(out, &text) > 0)
        wt_json_text(j, text);
    else
        raw_name(j, der);
    BIO_free(out);
    X509_NAME_free(name);
}

static size_t names(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    const size_t end = wt_trail_next(t, i);
    wt_json_open(j, '[');
    for (size_t k = i + 1; k < end; k = wt_trail_next(t, k))
        distinguished_name(j, wt_span_of(base + t->events[k].offset, t->events[k].length));
    wt_json_close(j, ']');
    return end;
}

/* --- one field ---------------------------------------------------------------------------------------------------- */

/* Each returns the index of the event after the field. */
static size_t field(struct wt_json *j, const struct source *in, size_t i);

static size_t flat(struct wt_json *j, const struct source *in, size_t i)
{
    const struct wt_trail *t = in->trail;
    const uint8_t depth = t->events[i].depth;
    for (i++; i < t->n && t->events[i].depth > depth;)
        i = field(j, in, i);
    return i;
}

static void fields(struct wt_json *j, const struct source *in)
{
    for (size_t i = 0; i < in->trail->n;)
        i = field(j, in, i);
}

static size_t field_as(struct wt_json *j, const struct source *in, size_t i, const struct row *row)
{
    const struct wt_trail *t = in->trail;
    const struct wt_trail_event *e = &t->events[i];
    if (row->form == FORM_FLAT)
        return flat(j, in, i);
    if (row->form == FORM_SAME || row->form == FORM_LENGTH) {
        i = wt_json_trail_field(j, t, i, in->base, row->key);
        if (row->form == FORM_LENGTH && e->length <= WT_LIMIT_JSON_BYTES) {
            wt_json_key_joined(j, row->key, "_length");
            wt_json_number(j, e->length);
        }
        return i;
    }
    wt_json_key_word(j, row->key);
    if (row->form == FORM_NAMES)
        return names(j, t, i, in->base);
    if (row->form == FORM_INTEGERS && e->form == WT_TRAIL_LIST)
        return wt_json_trail_integers(j, t, i);
    if (row->form == FORM_BOOL)
        wt_json_bool(j, e->value == 1);
    else if (row->form == FORM_NAME)
        wt_json_name(j, e->kind, e->value);
    else
        wt_json_number(j, e->value);
    return wt_trail_next(t, i);
}

static uint32_t bits(struct wt_span number)
{
    size_t i = 0;
    while (i < number.n && number.p[i] == 0)
        i++;
    if (i == number.n)
        return 0;
    uint32_t n = 8 * (uint32_t)(number.n - i);
    for (uint8_t top = number.p[i]; !(top & 0x80); top = (uint8_t)(top << 1))
        n--;
    return n;
}

/* The group of DH stands in one object: {"p_bits", "g", "p"}. */
static void dh_group(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    const struct wt_trail_event *p = &t->events[i], *g = i + 1 < t->n ? p + 1 : NULL;
    struct wt_span prime = wt_span_of(base + p->offset, p->length);
    wt_json_key(j, "dh");
    wt_json_open(j, '{');
    wt_json_key(j, "p_bits");
    wt_json_number(j, bits(prime));
    if (g && strcmp(g->field, "dh_g") == 0)
        wt_json_bytes(j, "g", wt_span_of(base + g->offset, g->length));
    wt_json_bytes(j, "p", prime);
    wt_json_close(j, '}');
}

static size_t certificate_list(struct wt_json *j, const struct source *in, size_t i);

static size_t field(struct wt_json *j, const struct source *in, size_t i)
{
    const struct wt_trail_event *e = &in->trail->events[i];
    const struct row *row = row_of(in->type, e->field);
    if (row)
        return field_as(j, in, i, row);
    if (e->form == WT_TRAIL_LIST && strcmp(e->field, "extensions") == 0)
        return wt_json_trail_extensions(j, in->trail, i, in->base);
    if (strcmp(e->field, "certificate_list") == 0)
        return certificate_list(j, in, i);
    if (strcmp(e->field, "dh_p") == 0)
        dh_group(j, in->trail, i, in->base);
    else if (strcmp(e->field, "dh_g") != 0)
        return wt_json_trail_field(j, in->trail, i, in->base, NULL);
    return wt_trail_next(in->trail, i);
}

/* --- certificates ------------------------------------------------------------------------------------------------- */

/* The digest of the same bytes among the side's certificates; NULL when they are not there, as those of another
 * handshake on the connection. Comparing costs a fiftieth of hashing. */
static const uint8_t *known_digest(const struct wt_connection *c, unsigned side, size_t at, struct wt_span der)
{
    const struct wt_certificate_facts *f =
        side < 2 && at < c->certificate_count[side] ? c->certificates[side][at] : NULL;
    return f && wt_span_equal(f->der, der) ? f->sha256 : NULL;
}

/* The entry `at` of the list. */
static void certificate(struct wt_json *j, const struct source *in, size_t at, struct wt_span der)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    const uint8_t *known = known_digest(in->connection, in->side, at, der);
    wt_json_key(j, "sha256");
    wt_json_hex(j, wt_span_of(known ? known : SHA256(der.p, der.n, digest), sizeof digest));
    wt_json_key(j, "length");
    wt_json_number(j, der.n);
}

/* Entries are certificates, or structs of one and its extensions (TLS 1.3); a raw public key stands alone. */
static size_t certificate_list(struct wt_json *j, const struct source *in, size_t i)
{
    const struct wt_trail *t = in->trail;
    const size_t end = wt_trail_next(t, i);
    size_t at = 0;
    wt_json_key(j, "certificates");
    wt_json_open(j, '[');
    for (size_t k = i + 1; k < end; k = wt_trail_next(t, k), at++) {
        size_t data = t->events[k].form == WT_TRAIL_STRUCT ? k + 1 : k, after = wt_trail_next(t, k);
        if (data >= after)
            continue;
        wt_json_open(j, '{');
        certificate(j, in, at, wt_span_of(in->base + t->events[data].offset, t->events[data].length));
        if (data != k && data + 1 < after)
            (void)wt_json_trail_extensions(j, t, data + 1, in->base);
        wt_json_close(j, '}');
    }
    wt_json_close(j, ']');
    return end;
}

/* --- room for the fields of a message ----------------------------------------------------------------------------- */

enum { TRAIL_USUAL = 512 }; /* fields: more than most messages have */

/* Before a message is read. Without memory its fields are lost, and counted. */
static void clear_trail(struct wt_trail *t)
{
    if (!t->events) {
        t->events = wt_malloc(TRAIL_USUAL * sizeof *t->events);
        t->cap = t->events ? TRAIL_USUAL : 0;
    }
    t->n = t->lost = 0;
}

/* Whether the message is to be read again, as it has more fields than there was room for, and there is now. */
static bool has_grown(struct wt_trail *t)
{
    const size_t all = t->n + t->lost, wanted = all < WT_LIMIT_TRAIL ? all : WT_LIMIT_TRAIL;
    struct wt_trail_event *events = wanted > t->cap ? wt_malloc(wanted * sizeof *events) : NULL;
    if (!events)
        return false;
    free(t->events);
    *t = (struct wt_trail){.events = events, .cap = wanted};
    return true;
}

/* RFC 8879, 4: the message inside is a Certificate. */
static void inflated(struct wt_json *j, struct wt_json_body *b, const struct wt_codec_context *c,
                     const struct wt_compressed_certificate *in)
{
    struct wt_trail *trail = &b->trail;
    struct wt_message_body body;
    struct wt_error error;
    if (!in->compressed.n || in->uncompressed_length > WT_LIMIT_HANDSHAKE_MESSAGE)
        return;
    uint8_t *room = wt_malloc(in->uncompressed_length ? in->uncompressed_length : 1);
    if (room && wt_compressed_certificate_inflate(in, room, in->uncompressed_length) == WT_OK) {
        const struct wt_span message = wt_span_of(room, in->uncompressed_length);
        do {
            clear_trail(trail);
            (void)wt_message_decode(c, WT_HANDSHAKE_CERTIFICATE, message, trail, &body, &error);
        } while (has_grown(trail));
        const struct source inside = {trail, room, b->connection, WT_HANDSHAKE_CERTIFICATE, b->message->from};
        fields(j, &inside);
    }
    free(room);
}

/* --- what the hellos' extensions say ------------------------------------------------------------------------------ */

static void codes(struct wt_json *j, const char *key, struct wt_span list, unsigned width)
{
    wt_json_key_word(j, key);
    wt_json_open(j, '[');
    for (size_t i = 0; i + width <= list.n; i += width)
        if (width == 2)
            wt_json_code(j, wt_get16(list.p + i), 2);
        else
            wt_json_number(j, list.p[i]);
    wt_json_close(j, ']');
}

static void protocols(struct wt_json *j, struct wt_span rest)
{
    struct wt_span name;
    wt_json_key(j, "alpn");
    wt_json_open(j, '[');
    while (wt_ext_opaque_next(&rest, 1, &name))
        wt_json_wire(j, name);
    wt_json_close(j, ']');
}

static void shares(struct wt_json *j, struct wt_span rest)
{
    uint16_t group;
    struct wt_span key;
    wt_json_key(j, "key_share_groups");
    wt_json_open(j, '[');
    while (wt_ext_key_share_next(&rest, &group, &key))
        wt_json_code(j, group, 2);
    wt_json_close(j, ']');
}

/* The first extension with this id, decoded; false when it is not there or cannot be read. */
static bool find(const struct wt_extensions *x, uint16_t id, const struct wt_codec_context *c, enum wt_ext_where where,
                 union wt_ext_body *out)
{
    struct wt_span body;
    struct wt_error error;
    if (!wt_extensions_find(x, id, &body))
        return false;
    enum wt_code code = wt_extension_decode(id, c, where, body, NULL, out, &error);
    /* Values that a rule forbids were read all the same. */
    return code == WT_OK || code == WT_VALUE || code == WT_DUPLICATE || code == WT_LIMIT;
}

/* RFC 5746, 3.3, and RFC 7507, 2: what is in the list of suites and is none. */
static void signals(struct wt_json *j, struct wt_span suites)
{
    bool any = false;
    for (size_t i = 0; i < wt_codes_count(suites); i++) {
        uint16_t id = wt_codes_at(suites, i);
        if (!wt_suite_is_signal(id))
            continue;
        if (!any) {
            wt_json_key(j, "signaling_suites");
            wt_json_open(j, '[');
        }
        any = true;
        wt_json_name(j, WT_REG_CIPHER_SUITE, id);
    }
    if (any)
        wt_json_close(j, ']');
}

static void of_client_hello(struct wt_json *j, const struct wt_extensions *x, const struct wt_codec_context *c)
{
    union wt_ext_body e;
    if (find(x, WT_EXT_SERVER_NAME, c, WT_IN_CH, &e) && e.server_name.host_name.n) {
        wt_json_key(j, "sni");
        wt_json_wire(j, e.server_name.host_name);
    }
    if (find(x, WT_EXT_ALPN, c, WT_IN_CH, &e))
        protocols(j, e.alpn.protocol_name_list);
    if (find(x, WT_EXT_SUPPORTED_GROUPS, c, WT_IN_CH, &e))
        codes(j, "supported_groups", e.supported_groups.named_group_list, 2);
    if (find(x, WT_EXT_EC_POINT_FORMATS, c, WT_IN_CH, &e))
        codes(j, "ec_point_formats", e.ec_point_formats.ec_point_format_list, 1);
    if (find(x, WT_EXT_SIGNATURE_ALGORITHMS, c, WT_IN_CH, &e))
        codes(j, "signature_algorithms", e.signature_algorithms.supported_signature_algorithms, 2);
    if (find(x, WT_EXT_SUPPORTED_VERSIONS, c, WT_IN_CH, &e))
        codes(j, "supported_versions", e.supported_versions.versions, 2);
    if (find(x, WT_EXT_KEY_SHARE, c, WT_IN_CH, &e) || find(x, WT_EXT_KEY_SHARE_OLD, c, WT_IN_CH, &e))
        shares(j, e.key_share.client_shares);
}

static void of_server_hello(struct wt_json *j, const struct wt_extensions *x, const struct wt_codec_context *c,
                            enum wt_ext_where where)
{
    union wt_ext_body e;
    struct wt_span name;
    if (find(x, WT_EXT_SUPPORTED_VERSIONS, c, where, &e)) {
        wt_json_key(j, "selected_version");
        wt_json_code(j, e.supported_versions.selected_version, 2);
    }
    if (find(x, WT_EXT_KEY_SHARE, c, where, &e) || find(x, WT_EXT_KEY_SHARE_OLD, c, where, &e)) {
        wt_json_key(j, "key_share_group");
        wt_json_code(j, e.key_share.group, 2);
    }
    if (find(x, WT_EXT_ALPN, c, where, &e) && wt_ext_opaque_next(&e.alpn.protocol_name_list, 1, &name)) {
        wt_json_key(j, "alpn");
        wt_json_wire(j, name);
    }
}

/* TLS 1.3 asks in extensions what TLS 1.2 asks in fields. */
static void of_certificate_request(struct wt_json *j, const struct wt_certificate_request *in)
{
    struct wt_span rest = in->authorities, name;
    if (!in->extensions.present)
        return;
    if (in->signature_algorithms.n)
        codes(j, "signature_algorithms", in->signature_algorithms, 2);
    if (!rest.n)
        return;
    wt_json_key(j, "authorities");
    wt_json_open(j, '[');
    while (wt_dn_next(&rest, &name))
        distinguished_name(j, name);
    wt_json_close(j, ']');
}

static void added(struct wt_json *j, struct wt_json_body *b, const struct wt_codec_context *c,
                  const struct wt_message_body *body)
{
    const struct wt_server_hello *sh = &body->server_hello;
    switch (body->type) {
    case WT_HANDSHAKE_CLIENT_HELLO:
        signals(j, body->client_hello.cipher_suites);
        of_client_hello(j, &body->client_hello.extensions, c);
        break;
    case WT_HANDSHAKE_SERVER_HELLO: {
        bool retry = wt_server_hello_is_retry(sh);
        uint16_t v = c->version;
        bool tls13 = !sh->has_session_id || wt_version_is_tls13(v) ||
                     wt_extensions_find(&sh->extensions, WT_EXT_SUPPORTED_VERSIONS, &(struct wt_span){0});
        of_server_hello(j, &sh->extensions, c, retry ? WT_IN_HRR : tls13 ? WT_IN_SH : WT_IN_SH12);
        break;
    }
    case WT_HANDSHAKE_HELLO_RETRY_REQUEST:
        of_server_hello(j, &body->hello_retry_request.extensions, c, WT_IN_HRR);
        break;
    case WT_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        of_server_hello(j, &body->encrypted_extensions.extensions, c, WT_IN_EE);
        break;
    case WT_HANDSHAKE_CERTIFICATE_REQUEST:
        of_certificate_request(j, &body->certificate_request);
        break;
    case WT_HANDSHAKE_COMPRESSED_CERTIFICATE:
        inflated(j, b, c, &body->compressed_certificate);
        break;
    default:
        break;
    }
}

/* The connection's, which are those of its first hellos. */
static void fingerprints(struct wt_json *j, const struct wt_json_body *b)
{
    if (!b->first)
        return;
    if (b->message->type == WT_HANDSHAKE_CLIENT_HELLO) {
        wt_json_member_word(j, "ja3", b->connection->ja3);
        wt_json_member_word(j, "ja4", b->connection->ja4);
    } else if (b->message->type == WT_HANDSHAKE_SERVER_HELLO) {
        wt_json_member_word(j, "ja3s", b->connection->ja3s);
    }
}

/* All that is read from the message. False when that was not all of it. */
static bool members(struct wt_json *j, struct wt_json_body *b)
{
    const struct wt_message *m = b->message;
    const struct wt_codec_context context = {.version = m->shape.version,
                                             .kx = m->shape.kx,
                                             .certificate_type = m->shape.certificate_type,
                                             .from_server = m->from == WT_SERVER};
    struct wt_message_body body;
    struct wt_error error;
    do {
        clear_trail(&b->trail);
        wt_fields_decode(m, &b->trail, &body, &error);
    } while (has_grown(&b->trail));
    const bool whole = error.code == WT_OK && !b->trail.lost;
    if (m->flags & WT_MESSAGE_SSL2) {
        for (size_t i = 0; i < b->trail.n;)
            i = wt_json_trail_field(j, &b->trail, i, m->body.p, NULL);
    } else {
        const struct source in = {&b->trail, m->body.p, b->connection, m->type, m->from};
        fields(j, &in);
    }
    if (b->trail.lost) {
        wt_json_key(j, "fields_lost");
        wt_json_number(j, b->trail.lost);
    }
    if (!(m->flags & WT_MESSAGE_SSL2))
        added(j, b, &context, &body);
    return whole;
}

void wt_json_handshake(struct wt_json *j, struct wt_json_body *b)
{
    struct wt_json_marks marks WT_UNINITIALIZED;
    size_t start;
    wt_json_open(j, '{');
    if (!b->patterns) {
        (void)members(j, b);
    } else if (!wt_json_pattern_write(b->patterns, j, b->message)) {
        const bool may_keep = wt_json_pattern_begin(j, b->message, &marks, &start);
        const bool whole = members(j, b);
        if (may_keep)
            wt_json_pattern_end(b->patterns, j, b->message, start, whole);
    }
    fingerprints(j, b);
    wt_json_close(j, '}');
}
