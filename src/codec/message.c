/* Any handshake message: one row per type says who reads and writes its body. */
#include "codec/codec.h"
#include "registry/limits.h"

typedef void reads(struct wt_reader *r, const struct wt_codec_context *c, struct wt_message_body *out);
typedef void writes(struct wt_writer *w, const struct wt_codec_context *c, const struct wt_message_body *in);

/* Each message's pair behind the type that the table holds. */
#define ADAPT(name)                                                                                                    \
    static void read_##name(struct wt_reader *r, const struct wt_codec_context *c, struct wt_message_body *out)        \
    {                                                                                                                  \
        wt_##name##_read(r, c, &out->name);                                                                            \
    }                                                                                                                  \
    static void write_##name(struct wt_writer *w, const struct wt_codec_context *c, const struct wt_message_body *in)  \
    {                                                                                                                  \
        wt_##name##_write(w, c, &in->name);                                                                            \
    }
ADAPT(client_hello)
ADAPT(server_hello)
ADAPT(hello_verify_request)
ADAPT(new_session_ticket)
ADAPT(hello_retry_request)
ADAPT(encrypted_extensions)
ADAPT(certificate)
ADAPT(server_key_exchange)
ADAPT(certificate_request)
ADAPT(certificate_verify)
ADAPT(client_key_exchange)
ADAPT(finished)
ADAPT(certificate_url)
ADAPT(certificate_status)
ADAPT(supplemental_data)
ADAPT(key_update)
ADAPT(compressed_certificate)
ADAPT(next_protocol)
ADAPT(message_hash)

/* RFC 5246, 7.4.1.1 and 7.4.5: "struct { } HelloRequest;", "struct { } ServerHelloDone;"; RFC 8446, 4.5: "struct {}
 * EndOfEarlyData;". Nothing to read: what lies there all the same is told when the message is closed. */
static void read_empty(struct wt_reader *r, const struct wt_codec_context *c, struct wt_message_body *out)
{
    (void)r;
    (void)c;
    out->other = (struct wt_span){0};
}

static void write_empty(struct wt_writer *w, const struct wt_codec_context *c, const struct wt_message_body *in)
{
    (void)w;
    (void)c;
    (void)in;
}

/* Types that we do not know, and those whose inside is keys or belongs to another protocol. */
static void read_other(struct wt_reader *r, const struct wt_codec_context *c, struct wt_message_body *out)
{
    (void)c;
    out->other = wt_read_rest(r, "body");
}

static void write_other(struct wt_writer *w, const struct wt_codec_context *c, const struct wt_message_body *in)
{
    (void)c;
    wt_write_bytes(w, in->other);
}

struct row {
    reads *read;
    writes *write;
    const char *name;
};

#define ROW(type, name) [WT_HANDSHAKE_##type] = {read_##name, write_##name, #name}
#define EMPTY(type, name) [WT_HANDSHAKE_##type] = {read_empty, write_empty, #name}

static const struct row rows[256] = {
    EMPTY(HELLO_REQUEST, hello_request),
    ROW(CLIENT_HELLO, client_hello),
    ROW(SERVER_HELLO, server_hello),
    ROW(HELLO_VERIFY_REQUEST, hello_verify_request),
    ROW(NEW_SESSION_TICKET, new_session_ticket),
    EMPTY(END_OF_EARLY_DATA, end_of_early_data),
    ROW(HELLO_RETRY_REQUEST, hello_retry_request),
    ROW(ENCRYPTED_EXTENSIONS, encrypted_extensions),
    ROW(CERTIFICATE, certificate),
    ROW(SERVER_KEY_EXCHANGE, server_key_exchange),
    ROW(CERTIFICATE_REQUEST, certificate_request),
    EMPTY(SERVER_HELLO_DONE, server_hello_done),
    ROW(CERTIFICATE_VERIFY, certificate_verify),
    ROW(CLIENT_KEY_EXCHANGE, client_key_exchange),
    ROW(FINISHED, finished),
    ROW(CERTIFICATE_URL, certificate_url),
    ROW(CERTIFICATE_STATUS, certificate_status),
    ROW(SUPPLEMENTAL_DATA, supplemental_data),
    ROW(KEY_UPDATE, key_update),
    ROW(COMPRESSED_CERTIFICATE, compressed_certificate),
    ROW(NEXT_PROTOCOL, next_protocol),
    ROW(MESSAGE_HASH, message_hash),
};

static const struct row *row_of(uint8_t type)
{
    static const struct row other = {read_other, write_other, "body"};
    return rows[type].read ? &rows[type] : &other;
}

/* An element of DER takes two bytes at least, a field of TLS one. */
size_t wt_message_most_fields(size_t n)
{
    return n < WT_LIMIT_TRAIL / 4 ? 4 * n + 64 : WT_LIMIT_TRAIL;
}

enum wt_code wt_message_decode(const struct wt_codec_context *context, uint8_t type, struct wt_span body,
                               struct wt_trail *trail, struct wt_message_body *out, struct wt_error *error)
{
    const struct row *row = row_of(type);
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, body, trail);
    *out = (struct wt_message_body){.type = type};
    row->read(&r, context, out);
    (void)wt_reader_close(&r, row->name);
    *error = decode.error;
    return decode.error.code;
}

void wt_message_encode(struct wt_writer *w, const struct wt_codec_context *context, const struct wt_message_body *in)
{
    row_of(in->type)->write(w, context, in);
}
