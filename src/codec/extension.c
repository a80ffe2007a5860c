/* Extension blocks and the table of their bodies' codecs: RFC 8446, 4.2; RFC 5246, 7.4.1.4. */
#include "base/uninitialized.h"
#include "codec/ext/decoded.h"
#include "codec/ext/ext.h"

struct codec {
    uint8_t places; /* enum wt_ext_where */
    void (*read)(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where,
                 union wt_ext_body *out);
    void (*write)(struct wt_writer *w, const struct wt_codec_context *c, enum wt_ext_where where,
                  const union wt_ext_body *in);
};

static const struct codec *codec_of(uint16_t id, enum wt_ext_where where)
{
    static const struct codec codecs[] = {
#define WT_EXT_BODY(id_, name, places) {places, wt_ext_##name##_read, wt_ext_##name##_write},
#include "codec/ext/ext.def"
#undef WT_EXT_BODY
    };
    enum row {
#define WT_EXT_BODY(id_, name, places) ROW_##id_,
#include "codec/ext/ext.def"
#undef WT_EXT_BODY
    };
    const struct codec *found = NULL;
    switch (id) {
#define WT_EXT_BODY(id_, name, places)                                                                                 \
    case WT_EXT_##id_:                                                                                                 \
        found = &codecs[ROW_##id_];                                                                                    \
        break;
#include "codec/ext/ext.def"
#undef WT_EXT_BODY
    }
    return found && found->places & where ? found : NULL;
}

/* A body that breaks a rule only by its values was still read to its end, and its trail stands. */
static bool was_read(enum wt_code code)
{
    return code == WT_OK || code == WT_VALUE || code == WT_DUPLICATE || code == WT_LIMIT;
}

/* Reads one body with a reader of a decode of its own, so that what is wrong in it stays in it. */
static enum wt_code read_body(const struct codec *codec, uint16_t id, struct wt_reader *r,
                              const struct wt_codec_context *c, enum wt_ext_where where, union wt_ext_body *out)
{
    struct wt_error *e = &r->decode->error;
    memset(out, 0, sizeof *out);
    codec->read(r, c, where, out);
    (void)wt_reader_close(r, "extension_data");
    const struct wt_extension_info *info = e->code == WT_OK || e->rule ? NULL : wt_extension_find(id);
    if (info)
        e->rule = info->rfc;
    return e->code;
}

/* The event extension_data, just noted as opaque, becomes the body's fields; or stays opaque when they cannot be read.
 * The message is not asked: a malformed body does not hinder its neighbours (wt_extensions_check tells of it). */
static void note_body(const struct wt_reader *r, uint16_t id, struct wt_span body, size_t at,
                      const struct wt_codec_context *c, enum wt_ext_where where)
{
    const struct codec *codec = codec_of(id, where);
    struct wt_trail *t = r->decode->trail;
    if (!codec || t->n != at + 1) /* no room in the trail: its fields have none either */
        return;
    size_t lost = t->lost;
    struct wt_decode inner = {.base = r->decode->base, .trail = t};
    struct wt_reader b = {body.p, body.p + body.n, &inner, r->depth + 1};
    union wt_ext_body fields;
    t->events[at].form = WT_TRAIL_STRUCT;
    t->events[at].kind = WT_REG_EXTENSION;
    if (was_read(read_body(codec, id, &b, c, where, &fields)))
        return;
    t->n = at + 1;
    t->lost = lost;
    t->events[at].form = WT_TRAIL_BYTES;
    t->events[at].kind = WT_REG_NONE;
}

void wt_extensions_read(struct wt_reader *r, const struct wt_codec_context *c, enum wt_ext_where where, size_t min,
                        struct wt_extensions *out)
{
    struct wt_reader list = wt_read_vector(r, "extensions", 2, min, 0xffff, WT_TRAIL_LIST);
    struct wt_trail *trail = r->decode->trail;
    struct wt_ext_seen seen WT_UNINITIALIZED;
    size_t twice = SIZE_MAX;
    uint16_t twice_id = 0;
    *out = (struct wt_extensions){.block = {list.p, wt_reader_left(&list)}, .present = !r->decode->lost};
    wt_ext_seen_clear(&seen);
    while (wt_reader_left(&list)) {
        size_t offset = wt_reader_offset(&list);
        size_t mark = wt_read_enter(&list, "extension");
        uint16_t id = wt_read_code16(&list, "extension_type", WT_REG_EXTENSION);
        size_t at = trail ? trail->n : 0;
        struct wt_span body = wt_read_opaque(&list, "extension_data", 2, 0, 0xffff, WT_TRAIL_BYTES);
        if (list.decode->lost)
            return;
        if (trail)
            note_body(&list, id, body, at, c, where);
        wt_read_leave(&list, mark);
        out->types |= (uint64_t)1 << (id & 63);
        if (wt_ext_seen_add(&seen, id) && twice == SIZE_MAX) {
            twice = offset;
            twice_id = id;
        }
    }
    out->indexed = true;
    /* RFC 8446, 4.2: "There MUST NOT be more than one extension of the same type in a given extension block." Told at
     * the end, so that an observer still has the whole block. */
    if (twice != SIZE_MAX)
        wt_reader_fault_at(r, twice, WT_DUPLICATE, "extension_type", twice_id, 0, "RFC 8446, 4.2: one of each type");
}

void wt_extensions_write(struct wt_writer *w, const struct wt_extensions *in, size_t min)
{
    if (in->present)
        wt_write_opaque(w, in->block, 2, min, 0xffff, "extensions");
}

/* Where an extension is among those that were decoded; -1: not there. */
static int place_of(const struct wt_extensions_decoded *d, uint16_t id)
{
    for (unsigned i = 0; i < d->count; i++)
        if (d->id[i] == id)
            return (int)i;
    return -1;
}

bool wt_extensions_search(const struct wt_extensions *extensions, uint16_t id, struct wt_span *body)
{
    struct wt_span rest = extensions->block;
    struct wt_extension e;
    const struct wt_extensions_decoded *decoded = extensions->decoded;
    if (decoded && !decoded->more) {
        int i = place_of(decoded, id);
        if (i >= 0)
            *body = decoded->list[i].body;
        return i >= 0;
    }
    while (wt_extensions_next(&rest, &e))
        if (e.id == id) {
            *body = e.body;
            return true;
        }
    return false;
}

bool wt_extensions_take_there(const struct wt_extensions *extensions, uint16_t id, const struct wt_codec_context *c,
                              enum wt_ext_where where, union wt_ext_body *out, struct wt_span *body, enum wt_code *code)
{
    const struct wt_extensions_decoded *decoded = extensions->decoded;
    struct wt_error error WT_UNINITIALIZED;
    struct wt_span found;
    int i = decoded && decoded->where == where ? place_of(decoded, id) : -1;
    if (i >= 0) {
        const struct wt_extension_decoded *e = &decoded->list[i];
        found = e->body;
        *code = (enum wt_code)e->code;
        if (*code != WT_UNSUPPORTED)
            *out = e->fields;
    } else if (wt_extensions_find(extensions, id, &found)) {
        *code = wt_extension_decode(id, c, where, found, NULL, out, &error);
    } else {
        return false;
    }
    if (body)
        *body = found;
    return true;
}

bool wt_extensions_get(const struct wt_extensions *extensions, uint16_t id, const struct wt_codec_context *c,
                       enum wt_ext_where where, union wt_ext_body *out)
{
    enum wt_code code;
    return wt_extensions_take(extensions, id, c, where, out, NULL, &code) && code == WT_OK;
}

enum wt_code wt_extensions_check(const struct wt_extensions *extensions, const struct wt_codec_context *c,
                                 enum wt_ext_where where, struct wt_span message, struct wt_error *error)
{
    const struct wt_extensions_decoded *decoded = extensions->decoded;
    struct wt_span rest = extensions->block;
    struct wt_extension e;
    union wt_ext_body fields;
    if (decoded && decoded->where == where && !decoded->more) {
        *error = decoded->error;
        if (error->code != WT_OK)
            error->offset += (uint64_t)(extensions->block.p - message.p);
        return error->code;
    }
    while (wt_extensions_next(&rest, &e)) {
        enum wt_code code = wt_extension_decode(e.id, c, where, e.body, NULL, &fields, error);
        if (code == WT_OK || code == WT_UNSUPPORTED)
            continue;
        error->offset += (uint64_t)(e.body.p - message.p);
        return code;
    }
    *error = (struct wt_error){0};
    return WT_OK;
}

enum wt_code wt_extension_decode(uint16_t id, const struct wt_codec_context *c, enum wt_ext_where where,
                                 struct wt_span body, struct wt_trail *trail, union wt_ext_body *out,
                                 struct wt_error *error)
{
    const struct codec *codec = codec_of(id, where);
    *error = (struct wt_error){0};
    if (!codec)
        return WT_UNSUPPORTED;
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, body, trail);
    size_t n = trail ? trail->n : 0, lost = trail ? trail->lost : 0;
    enum wt_code code = read_body(codec, id, &r, c, where, out);
    if (trail && !was_read(code)) {
        trail->n = n;
        trail->lost = lost;
    }
    /* Parts of a kind that nobody can know today are no error. */
    if (code != WT_UNSUPPORTED)
        *error = decode.error;
    return code;
}

bool wt_extension_encode(struct wt_writer *w, uint16_t id, const struct wt_codec_context *c, enum wt_ext_where where,
                         const union wt_ext_body *in)
{
    const struct codec *codec = codec_of(id, where);
    if (codec)
        codec->write(w, c, where, in);
    return codec;
}

struct wt_span wt_ext_read_opaques(struct wt_reader *r, const char *field, unsigned width, size_t min, size_t max,
                                   const char *element, unsigned element_width, size_t element_min, size_t element_max,
                                   enum wt_trail_form form)
{
    struct wt_reader list = wt_read_vector(r, field, width, min, max, WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    while (wt_reader_left(&list))
        (void)wt_read_opaque(&list, element, element_width, element_min, element_max, form);
    return wt_reader_ok(r) ? all : (struct wt_span){0};
}
