#include "codec/ext/decoded.h"

void wt_decoded_fill(const struct wt_extensions *extensions, const struct wt_codec_context *c,
                     enum wt_ext_where where, struct wt_extensions_decoded *out)
{
    struct wt_span rest = extensions->block;
    struct wt_extension e;
    struct wt_error error;
    out->where = where;
    out->count = 0;
    out->more = false;
    out->error = (struct wt_error){0};
    while (wt_extensions_next(&rest, &e)) {
        if (out->count == WT_LIMIT_DECODED_EXTENSIONS) {
            out->more = true;
            return;
        }
        struct wt_extension_decoded *to = &out->list[out->count];
        out->id[out->count++] = e.id;
        to->body = e.body;
        to->code = (uint8_t)wt_extension_decode(e.id, c, where, e.body, NULL, &to->fields, &error);
        if (to->code != WT_OK && to->code != WT_UNSUPPORTED && out->error.code == WT_OK) {
            out->error = error;
            out->error.offset += (uint64_t)(e.body.p - extensions->block.p);
        }
    }
}
