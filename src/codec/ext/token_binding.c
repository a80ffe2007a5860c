/* token_binding: RFC 8472, 2. */
#include "codec/ext/ext.h"

void wt_ext_token_binding_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                               union wt_ext_body *out)
{
    struct wt_ext_token_binding *o = &out->token_binding;
    (void)c;
    size_t mark = wt_read_enter(r, "token_binding_version");
    o->major = wt_read_u8(r, "major");
    o->minor = wt_read_u8(r, "minor");
    wt_read_leave(r, mark);
    o->key_parameters_list =
        wt_read_codes(r, "key_parameters_list", "key_parameters", 1, 1, 255, 1, WT_REG_TOKEN_BINDING_KEY);
    if (wt_reader_close(r, "token_binding") && where & WT_EXT_ANSWER && o->key_parameters_list.n != 1)
        wt_reader_fail_at(r, 2, WT_VALUE, "key_parameters_list", o->key_parameters_list.n, 1,
                          "RFC 8472, 3: the server's list holds exactly one Token Binding key parameters identifier");
}

void wt_ext_token_binding_write(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                                const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_u8(w, in->token_binding.major);
    wt_write_u8(w, in->token_binding.minor);
    wt_write_opaque(w, in->token_binding.key_parameters_list, 1, 1, 255, "key_parameters_list");
}
