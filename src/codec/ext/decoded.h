/* An extension block with its bodies decoded, once, for all who ask for them while its message is looked at: its format
 * is checked, rules hold it against others, and its lists are kept. */
#ifndef WT_CODEC_EXT_DECODED_H
#define WT_CODEC_EXT_DECODED_H

#include "codec/ext/ext.h"
#include "registry/limits.h"

struct wt_extension_decoded {
    struct wt_span body;
    uint8_t code; /* enum wt_code of the decoder; WT_UNSUPPORTED: nobody knows its body, `fields` is not set */
    union wt_ext_body fields;
};

/* In the order of the block; it points into it. */
struct wt_extensions_decoded {
    enum wt_ext_where where;
    unsigned count;
    bool more;              /* the block has more than WT_LIMIT_DECODED_EXTENSIONS: those are decoded when asked for */
    struct wt_error error;  /* of the first body that breaks its format or a rule; offset counts from the block */
    uint16_t id[WT_LIMIT_DECODED_EXTENSIONS];
    struct wt_extension_decoded list[WT_LIMIT_DECODED_EXTENSIONS];
};

/* Decodes the bodies of a block as they are in a message of this kind. The caller lets the block know by setting
 * extensions->decoded, for no longer than *out is there. */
void wt_decoded_fill(const struct wt_extensions *extensions, const struct wt_codec_context *c,
                     enum wt_ext_where where, struct wt_extensions_decoded *out);

#endif
