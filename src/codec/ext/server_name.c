/* server_name: RFC 6066, 3. */
#include "codec/ext/ext.h"

/* RFC 6066, 3: "A server that receives a client hello containing the "server_name" extension [...] SHALL include an
 * extension of type "server_name" in the (extended) server hello. The "extension_data" field of this extension SHALL be
 * empty." A CertificateRequest of RFC 9261 has the client's form. */
static bool has_list(enum wt_ext_where where)
{
    return where & (WT_IN_CH | WT_IN_CR);
}

void wt_ext_server_name_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                             union wt_ext_body *out)
{
    struct wt_ext_server_name *o = &out->server_name;
    uint64_t seen[4] = {0};
    size_t twice = SIZE_MAX;
    (void)c;
    if (!has_list(where))
        return;
    struct wt_reader list = wt_read_vector(r, "server_name_list", 2, 1, 0xffff, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list)) {
        size_t offset = wt_reader_offset(&list), mark = wt_read_enter(&list, "server_name");
        uint8_t type = wt_read_code8(&list, "name_type", WT_REG_NAME_TYPE);
        /* "For backward compatibility, all future data structures associated with new NameTypes MUST begin with a
         * 16-bit length field." That the host name is no IP address and has no trailing dot is asked by whoever uses
         * it; a decoder that refused such names would hide them. */
        struct wt_span name = type == 0 ? wt_read_opaque(&list, "host_name", 2, 1, 0xffff, WT_TRAIL_TEXT)
                                        : wt_read_opaque(&list, "name", 2, 0, 0xffff, WT_TRAIL_BYTES);
        wt_read_leave(&list, mark);
        if (type == 0 && !o->host_name.n)
            o->host_name = name;
        if (seen[type >> 6] >> (type & 63) & 1 && twice == SIZE_MAX)
            twice = offset;
        seen[type >> 6] |= (uint64_t)1 << (type & 63);
    }
    if (!wt_reader_close(r, "server_name"))
        return;
    o->server_name_list = all;
    if (twice != SIZE_MAX)
        wt_reader_fail_at(r, twice, WT_DUPLICATE, "name_type", r->decode->base[twice], 0,
                          "RFC 6066, 3: \"The ServerNameList MUST NOT contain more than one name of the same "
                          "name_type.\"");
}

void wt_ext_server_name_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                              const union wt_ext_body *in)
{
    (void)c;
    if (has_list(where))
        wt_write_opaque(w, in->server_name.server_name_list, 2, 1, 0xffff, "server_name_list");
}

bool wt_ext_server_name_next(struct wt_span *rest, uint8_t *name_type, struct wt_span *name)
{
    if (rest->n < 3)
        return false;
    *name_type = rest->p[0];
    *rest = wt_span_cut(*rest, 1, SIZE_MAX);
    return wt_ext_opaque_next(rest, 2, name);
}
