#include "codec/http3.h"

#include "registry/http3.h"
#include "registry/registry.h"

enum { AT_STREAM_TYPE, AT_PUSH_ID, AT_FRAME, AT_PAYLOAD, AT_OTHER };

/* RFC 9000, 2.1: 0x02 of a stream's id: only its opener sends on it. */
enum { ONE_WAY = 2 };

/* --- QPACK (RFC 9204, 4.5) ---------------------------------------------------------------------------------------- */

/* RFC 9204, 4.1.1: an integer behind so many bits of its first byte; how many bytes it has, 0 when it is not whole. */
static unsigned prefixed(const struct wt_reader *r, unsigned bits, uint64_t *value)
{
    enum { MOST = 62 }; /* bits */
    const uint8_t most = (uint8_t)((1u << bits) - 1);
    const size_t left = wt_reader_left(r);
    if (!left)
        return 0;
    *value = r->p[0] & most;
    if (*value < most)
        return 1;
    for (unsigned i = 1, shift = 0; i < left && shift < MOST; i++, shift += 7) {
        *value += (uint64_t)(r->p[i] & 0x7f) << shift;
        if (!(r->p[i] & 0x80))
            return i + 1;
    }
    return 0;
}

static void note(const struct wt_reader *r, const char *field, size_t length, uint64_t value, enum wt_trail_form form,
                 enum wt_registry registry, unsigned prefix)
{
    if (r->decode->trail)
        wt_reader_note(r, field, length, value, form, registry, prefix);
}

static bool read_code(struct wt_reader *r, const char *field, unsigned bits, enum wt_registry registry)
{
    uint64_t value;
    const unsigned n = prefixed(r, bits, &value);
    if (!n)
        return false;
    note(r, field, n, value, registry ? WT_TRAIL_CODE : WT_TRAIL_NUMBER, registry, 0);
    r->p += n;
    return true;
}

static bool read_integer(struct wt_reader *r, const char *field, unsigned bits)
{
    return read_code(r, field, bits, WT_REG_NONE);
}

/* RFC 9204, 4.1.2: the bit before the length says that it is encoded by Huffman's code. */
static bool read_string(struct wt_reader *r, const char *field, unsigned bits)
{
    uint64_t length;
    const unsigned n = prefixed(r, bits, &length);
    if (!n || length > wt_reader_left(r) - n)
        return false;
    const bool huffman = r->p[0] >> bits & 1;
    r->p += n;
    note(r, field, (size_t)length, 0, huffman ? WT_TRAIL_BYTES : WT_TRAIL_TEXT, WT_REG_NONE, n);
    r->p += length;
    return true;
}

/* 4.5.2 to 4.5.6, by the first bits of a field line. */
static bool read_line(struct wt_reader *r)
{
    const uint8_t first = r->p[0];
    if (first & 0x80)
        return first & 0x40 ? read_code(r, "static_index", 6, WT_REG_QPACK_STATIC)
                            : read_integer(r, "dynamic_index", 6);
    if (first & 0x40)
        return (first & 0x10 ? read_code(r, "static_name_index", 4, WT_REG_QPACK_STATIC_NAME)
                             : read_integer(r, "dynamic_name_index", 4)) &&
               read_string(r, "field_value", 7);
    if (first & 0x20)
        return read_string(r, "field_name", 3) && read_string(r, "field_value", 7);
    if (first & 0x10)
        return read_integer(r, "post_base_index", 4);
    return read_integer(r, "post_base_name_index", 3) && read_string(r, "field_value", 7);
}

static void read_section(struct wt_reader *r, bool inside)
{
    if (!inside) {
        (void)wt_read_rest(r, "encoded_field_section");
        return;
    }
    struct wt_reader s = wt_read_part(r, "encoded_field_section", wt_reader_left(r), WT_TRAIL_LIST);
    bool read = read_integer(&s, "encoded_insert_count", 8) && read_integer(&s, "delta_base", 7);
    while (read && wt_reader_left(&s)) {
        const size_t mark = wt_read_enter(&s, "field_line");
        read = read_line(&s);
        if (!read)
            (void)wt_read_rest(&s, "field_value");
        wt_read_leave(&s, mark);
    }
    if (wt_reader_left(&s))
        (void)wt_read_rest(&s, "field_value");
}

/* --- frames (RFC 9114, 7.2) --------------------------------------------------------------------------------------- */

static const char *name_of(uint64_t type)
{
    return type == WT_HTTP3_DATA                                       ? "http3_data"
           : type == WT_HTTP3_HEADERS || type == WT_HTTP3_PUSH_PROMISE ? "encoded_field_section"
                                                                       : "frame_payload";
}

/* RFC 9000, 16: an integer that is whole; one that is not stays where it is. */
static bool read_varint(struct wt_reader *r, const char *field, unsigned kind)
{
    uint64_t value;
    if (!wt_get_varint((struct wt_span){r->p, wt_reader_left(r)}, &value))
        return false;
    (void)wt_read_varint(r, field, kind);
    return true;
}

static void read_settings(struct wt_reader *r)
{
    bool read = true;
    while (read && wt_reader_left(r)) {
        const size_t mark = wt_read_enter(r, "setting");
        read = read_varint(r, "identifier", WT_REG_HTTP3_SETTING) && read_varint(r, "value", 0);
        if (!read)
            (void)wt_read_rest(r, "frame_payload");
        wt_read_leave(r, mark);
    }
}

/* What the frame's type says is in it; what cannot be read of that stays bytes. */
static void read_whole(struct wt_reader *r, uint64_t type, bool sections)
{
    switch (type) {
    case WT_HTTP3_HEADERS:
        read_section(r, sections);
        break;
    case WT_HTTP3_PUSH_PROMISE:
        if (read_varint(r, "push_id", 0))
            read_section(r, sections);
        break;
    case WT_HTTP3_SETTINGS:
        read_settings(r);
        break;
    case WT_HTTP3_CANCEL_PUSH:
    case WT_HTTP3_MAX_PUSH_ID:
        (void)read_varint(r, "push_id", 0);
        break;
    case WT_HTTP3_GOAWAY:
        (void)read_varint(r, "goaway_id", 0);
        break;
    case WT_HTTP3_PRIORITY_UPDATE:
    case WT_HTTP3_PRIORITY_UPDATE_PUSH:
        if (read_varint(r, "prioritized_element_id", 0) && wt_reader_left(r))
            (void)wt_read_bytes_as(r, "priority_field_value", wt_reader_left(r), WT_TRAIL_TEXT);
        break;
    default:
        break;
    }
    if (wt_reader_left(r))
        (void)wt_read_rest(r, name_of(type));
}

/* As much of the payload as is here; `begun`: it begins here. */
static void read_payload(struct wt_http3_place *p, struct wt_reader *r, bool begun, bool sections)
{
    const size_t left = wt_reader_left(r), n = p->left < left ? (size_t)p->left : left;
    if (n && begun && n == p->left) {
        struct wt_reader part = wt_read_part(r, "http3_payload", n, WT_TRAIL_LIST);
        read_whole(&part, p->type, sections);
    } else if (n) {
        (void)wt_read_bytes(r, name_of(p->type), n);
    }
    p->left -= n;
    p->state = p->left ? AT_PAYLOAD : AT_FRAME;
}

/* A frame's two integers out of the bytes that have come; false when one is not whole. */
static bool take_head(struct wt_http3_place *p, struct wt_span bytes, size_t *length)
{
    const unsigned n = wt_get_varint(bytes, &p->type);
    const unsigned m = n ? wt_get_varint(wt_span_cut(bytes, n, SIZE_MAX), &p->left) : 0;
    *length = n + m;
    return m != 0;
}

/* A frame that begins in the middle of its head: some of it was in the stream's data before. */
static void read_late_head(struct wt_http3_place *p, struct wt_reader *r)
{
    const size_t left = wt_reader_left(r), before = p->have;
    size_t length, n = WT_HTTP3_HEAD - before;
    n = n < left ? n : left;
    memcpy(p->head + before, r->p, n);
    if (!take_head(p, wt_span_of(p->head, before + n), &length)) {
        p->have = (uint8_t)(before + n);
        (void)wt_read_bytes(r, "frame_head", n);
        return;
    }
    p->have = 0;
    (void)wt_read_bytes(r, "frame_head", length - before);
    p->state = p->left ? AT_PAYLOAD : AT_FRAME;
}

static void read_frame(struct wt_http3_place *p, struct wt_reader *r, bool sections)
{
    const struct wt_span rest = {r->p, wt_reader_left(r)};
    size_t length;
    if (p->have || !take_head(p, rest, &length)) {
        read_late_head(p, r);
        return;
    }
    const size_t mark = wt_read_enter(r, "http3_frame");
    (void)wt_read_varint(r, "http3_type", WT_REG_HTTP3_FRAME);
    (void)wt_read_varint(r, "http3_length", 0);
    read_payload(p, r, true, sections);
    wt_read_leave(r, mark);
}

/* --- streams (RFC 9114, 6.2) -------------------------------------------------------------------------------------- */

static void read_type(struct wt_http3_place *p, struct wt_reader *r)
{
    uint64_t type = 0;
    (void)wt_get_varint((struct wt_span){r->p, wt_reader_left(r)}, &type);
    p->state = !read_varint(r, "stream_type", WT_REG_HTTP3_STREAM) ? AT_OTHER
               : type == WT_HTTP3_STREAM_CONTROL                   ? AT_FRAME
               : type == WT_HTTP3_STREAM_PUSH                      ? AT_PUSH_ID
                                                                   : AT_OTHER;
}

static void read_push_id(struct wt_http3_place *p, struct wt_reader *r)
{
    p->state = read_varint(r, "push_id", 0) ? AT_FRAME : AT_OTHER;
}

static void read_stream(struct wt_http3_place *p, struct wt_reader *r, bool sections)
{
    while (wt_reader_left(r)) {
        if (p->state == AT_STREAM_TYPE)
            read_type(p, r);
        else if (p->state == AT_PUSH_ID)
            read_push_id(p, r);
        else if (p->state == AT_FRAME)
            read_frame(p, r, sections);
        else if (p->state == AT_PAYLOAD)
            read_payload(p, r, false, sections);
        else
            (void)wt_read_rest(r, "stream_rest");
    }
}

/* NULL: it is not known where in a frame the offset is. */
static struct wt_http3_place *place_of(struct wt_http3_places *places, uint64_t stream, uint64_t offset)
{
    const uint32_t held = places->count < WT_LIMIT_HTTP3_PLACES ? places->count : WT_LIMIT_HTTP3_PLACES;
    for (uint32_t i = 0; i < held; i++) {
        struct wt_http3_place *p = &places->list[i];
        if (p->id == stream && p->from == places->from)
            return offset == p->next ? p : NULL;
    }
    if (offset)
        return NULL;
    struct wt_http3_place *p = &places->list[places->count++ % WT_LIMIT_HTTP3_PLACES];
    *p = (struct wt_http3_place){
        .id = stream, .from = places->from, .state = stream & ONE_WAY ? AT_STREAM_TYPE : AT_FRAME};
    return p;
}

void wt_http3_fields(struct wt_http3_places *places, uint64_t stream, uint64_t offset, struct wt_span data,
                     const struct wt_reader *r)
{
    struct wt_trail *trail = r->decode->trail;
    struct wt_http3_place *p = data.n ? place_of(places, stream, offset) : NULL;
    struct wt_trail_event *above = trail && trail->n ? &trail->events[trail->n - 1] : NULL;
    if (!p)
        return;
    p->next = offset + data.n;
    if (p->state == AT_OTHER)
        return;
    struct wt_decode inner = {.base = r->decode->base, .trail = trail};
    struct wt_reader inside = {data.p, data.p + data.n, &inner, above ? above->depth + 1u : 0};
    if (above)
        above->form = WT_TRAIL_LIST;
    read_stream(p, &inside, places->sections);
}
