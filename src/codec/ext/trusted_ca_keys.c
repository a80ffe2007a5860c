/* trusted_ca_keys: RFC 6066, 6. */
#include "codec/ext/ext.h"

#define SHA1_LENGTH 20

enum identifier_type { PRE_AGREED, KEY_SHA1_HASH, X509_NAME, CERT_SHA1_HASH };

static void read_authority(struct wt_reader *r)
{
    size_t mark = wt_read_enter(r, "trusted_authority");
    uint8_t type = wt_read_code8(r, "identifier_type", WT_REG_IDENTIFIER_TYPE);
    switch (type) {
    case PRE_AGREED: /* nothing follows */
        break;
    case KEY_SHA1_HASH:
        (void)wt_read_bytes(r, "key_sha1_hash", SHA1_LENGTH);
        break;
    case X509_NAME:
        (void)wt_read_opaque(r, "x509_name", 2, 1, 0xffff, WT_TRAIL_BYTES);
        break;
    case CERT_SHA1_HASH:
        (void)wt_read_bytes(r, "cert_sha1_hash", SHA1_LENGTH);
        break;
    default: /* nothing says how long another type is */
        wt_reader_fail(r, WT_UNSUPPORTED, "identifier_type", type, CERT_SHA1_HASH, NULL);
    }
    wt_read_leave(r, mark);
}

/* "The "extension_data" field of this extension SHALL be empty" in a ServerHello. */
void wt_ext_trusted_ca_keys_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                                 union wt_ext_body *out)
{
    (void)c;
    if (!(where & WT_IN_CH))
        return;
    struct wt_reader list = wt_read_vector(r, "trusted_authorities_list", 2, 0, 0xffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list))
        read_authority(&list);
    if (wt_reader_ok(r))
        out->trusted_ca_keys.trusted_authorities_list = all;
}

void wt_ext_trusted_ca_keys_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                  const union wt_ext_body *in)
{
    (void)c;
    if (where & WT_IN_CH)
        wt_write_opaque(w, in->trusted_ca_keys.trusted_authorities_list, 2, 0, 0xffff, "trusted_authorities_list");
}

bool wt_ext_trusted_ca_keys_next(struct wt_span *rest, uint8_t *identifier_type, struct wt_span *identifier)
{
    if (!rest->n)
        return false;
    *identifier_type = rest->p[0];
    *rest = wt_span_cut(*rest, 1, SIZE_MAX);
    if (*identifier_type == X509_NAME)
        return wt_ext_opaque_next(rest, 2, identifier);
    *identifier = wt_span_cut(*rest, 0, *identifier_type == PRE_AGREED ? 0 : SHA1_LENGTH);
    *rest = wt_span_cut(*rest, identifier->n, SIZE_MAX);
    return *identifier_type <= CERT_SHA1_HASH;
}
