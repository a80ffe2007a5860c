/* SSL 2.0's messages: "The SSL Protocol", Hickman, 1995, chapter 2 (handshake), 2.5 to 2.7; RFC 5246, E.2 for the
 * ClientHello with which clients of later versions greeted servers of all. A message lies behind its record header
 * and its type byte; all lengths stand in front, then the fields they measure. */
#include "codec/codec.h"

#define CIPHER_SPEC_LENGTH 3

static struct wt_span read_ciphers(struct wt_reader *r, const char *field, size_t n)
{
    struct wt_reader list = wt_read_part(r, field, n, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    if (r->decode->trail)
        while (wt_reader_left(&list))
            (void)wt_read_number(&list, "cipher_spec", CIPHER_SPEC_LENGTH, WT_REG_SSL2_CIPHER);
    return wt_reader_ok(r) ? all : (struct wt_span){0};
}

/* The lengths were read; before what they measure is. */
static void check_ciphers(struct wt_reader *r, size_t offset, size_t n, bool some)
{
    if (wt_reader_ok(r) && (n % CIPHER_SPEC_LENGTH || (some && n == 0)))
        wt_reader_fail_at(
            r, offset, WT_LENGTH, "cipher_specs_length", n, CIPHER_SPEC_LENGTH,
            "RFC 5246, E.2: \"It cannot be zero and MUST be a multiple of the V2CipherSpec length (3).\"");
}

void wt_ssl2_client_hello_read(struct wt_reader *r, const struct wt_codec_context *c, struct wt_ssl2_client_hello *out)
{
    (void)c;
    *out = (struct wt_ssl2_client_hello){0};
    out->version = wt_read_code16(r, "version", WT_REG_VERSION);
    size_t offset = wt_reader_offset(r);
    size_t ciphers = wt_read_u16(r, "cipher_specs_length");
    size_t session = wt_read_u16(r, "session_id_length");
    size_t challenge = wt_read_u16(r, "challenge_length");
    check_ciphers(r, offset, ciphers, true);
    if (wt_reader_ok(r) && session != 0 && session != 16)
        wt_reader_fail_at(r, offset + 2, WT_LENGTH, "session_id_length", session, 16,
                          "RFC 2246, E.1: \"This field must have a value of either zero or 16.\"");
    if (wt_reader_ok(r) && (challenge < 16 || challenge > 32))
        wt_reader_fail_at(r, offset + 4, WT_LENGTH, "challenge_length", challenge, challenge < 16 ? 16 : 32,
                          "RFC 5246, E.2: \"Historically, permissible values are between 16 and 32 bytes inclusive.\"");
    out->cipher_specs = read_ciphers(r, "cipher_specs", ciphers);
    out->session_id = wt_read_bytes(r, "session_id", session);
    out->challenge = wt_read_bytes(r, "challenge", challenge);
}

void wt_ssl2_client_hello_write(struct wt_writer *w, const struct wt_codec_context *c,
                                const struct wt_ssl2_client_hello *in)
{
    (void)c;
    wt_write_u16(w, in->version);
    wt_write_number(w, in->cipher_specs.n, 2);
    wt_write_number(w, in->session_id.n, 2);
    wt_write_number(w, in->challenge.n, 2);
    wt_write_bytes(w, in->cipher_specs);
    wt_write_bytes(w, in->session_id);
    wt_write_bytes(w, in->challenge);
}

void wt_ssl2_server_hello_read(struct wt_reader *r, const struct wt_codec_context *c, struct wt_ssl2_server_hello *out)
{
    (void)c;
    *out = (struct wt_ssl2_server_hello){0};
    out->session_id_hit = wt_read_u8(r, "session_id_hit");
    out->certificate_type = wt_read_u8(r, "certificate_type");
    out->version = wt_read_code16(r, "server_version", WT_REG_VERSION);
    size_t certificate = wt_read_u16(r, "certificate_length");
    size_t offset = wt_reader_offset(r);
    size_t ciphers = wt_read_u16(r, "cipher_specs_length");
    size_t connection = wt_read_u16(r, "connection_id_length");
    /* After a hit, certificate and cipher specs are empty. */
    check_ciphers(r, offset, ciphers, false);
    out->certificate = wt_read_bytes(r, "certificate", certificate);
    out->cipher_specs = read_ciphers(r, "cipher_specs", ciphers);
    out->connection_id = wt_read_bytes(r, "connection_id", connection);
}

void wt_ssl2_server_hello_write(struct wt_writer *w, const struct wt_codec_context *c,
                                const struct wt_ssl2_server_hello *in)
{
    (void)c;
    wt_write_u8(w, in->session_id_hit);
    wt_write_u8(w, in->certificate_type);
    wt_write_u16(w, in->version);
    wt_write_number(w, in->certificate.n, 2);
    wt_write_number(w, in->cipher_specs.n, 2);
    wt_write_number(w, in->connection_id.n, 2);
    wt_write_bytes(w, in->certificate);
    wt_write_bytes(w, in->cipher_specs);
    wt_write_bytes(w, in->connection_id);
}

static void read_client_master_key(struct wt_reader *r)
{
    (void)wt_read_number(r, "cipher_kind", CIPHER_SPEC_LENGTH, WT_REG_SSL2_CIPHER);
    size_t clear = wt_read_u16(r, "clear_key_length");
    size_t encrypted = wt_read_u16(r, "encrypted_key_length");
    size_t arg = wt_read_u16(r, "key_arg_length");
    (void)wt_read_bytes(r, "clear_key_data", clear);
    (void)wt_read_bytes(r, "encrypted_key_data", encrypted);
    (void)wt_read_bytes(r, "key_arg_data", arg);
}

static void read_client_certificate(struct wt_reader *r)
{
    (void)wt_read_u8(r, "certificate_type");
    size_t certificate = wt_read_u16(r, "certificate_length");
    size_t response = wt_read_u16(r, "response_length");
    (void)wt_read_bytes(r, "certificate_data", certificate);
    (void)wt_read_bytes(r, "response_data", response);
}

static void read_body(struct wt_reader *r, uint8_t type)
{
    static const struct wt_codec_context context = {.version = WT_SSL2};
    struct wt_ssl2_client_hello client_hello;
    struct wt_ssl2_server_hello server_hello;
    switch (type) {
    case WT_SSL2_ERROR:
        (void)wt_read_u16(r, "error_code");
        break;
    case WT_SSL2_CLIENT_HELLO:
        wt_ssl2_client_hello_read(r, &context, &client_hello);
        break;
    case WT_SSL2_CLIENT_MASTER_KEY:
        read_client_master_key(r);
        break;
    case WT_SSL2_CLIENT_FINISHED:
        (void)wt_read_rest(r, "connection_id");
        break;
    case WT_SSL2_SERVER_HELLO:
        wt_ssl2_server_hello_read(r, &context, &server_hello);
        break;
    case WT_SSL2_SERVER_VERIFY:
        (void)wt_read_rest(r, "challenge_data");
        break;
    case WT_SSL2_SERVER_FINISHED:
        (void)wt_read_rest(r, "session_id_data");
        break;
    case WT_SSL2_REQUEST_CERTIFICATE:
        (void)wt_read_u8(r, "authentication_type");
        (void)wt_read_rest(r, "certificate_challenge_data");
        break;
    case WT_SSL2_CLIENT_CERTIFICATE:
        read_client_certificate(r);
        break;
    default:
        (void)wt_read_rest(r, "body");
        break;
    }
}

enum wt_code wt_ssl2_decode(uint8_t type, struct wt_span body, struct wt_trail *trail, struct wt_error *error)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, body, trail);
    read_body(&r, type);
    (void)wt_reader_close(&r, "ssl2_message");
    *error = decode.error;
    return decode.error.code;
}
