/* quic_transport_parameters: RFC 9000, 18; RFC 9001, 8.2. Number 0xffa5 in the drafts, of which those before 27 had
 * another form. */
#include "codec/ext/ext.h"
#include "registry/limits.h"

bool wt_ext_quic_number(struct wt_span value, uint64_t *number)
{
    return value.n && wt_get_varint(value, number) == value.n;
}

/* draft-ietf-quic-transport-26, 18: "struct { TransportParameterId parameter; opaque value<0..2^16-1>; }". */
static bool next_old(struct wt_span *rest, uint64_t *id, struct wt_span *value)
{
    enum { HEAD = 4 };
    if (rest->n < HEAD || wt_get16(rest->p + 2) > rest->n - HEAD)
        return false;
    *id = wt_get16(rest->p);
    *value = wt_span_cut(*rest, HEAD, wt_get16(rest->p + 2));
    *rest = wt_span_cut(*rest, HEAD + value->n, SIZE_MAX);
    return true;
}

static bool next_new(struct wt_span *rest, uint64_t *id, struct wt_span *value)
{
    uint64_t n;
    unsigned width = wt_get_varint(*rest, id);
    *rest = wt_span_cut(*rest, width, SIZE_MAX);
    unsigned prefix = width ? wt_get_varint(*rest, &n) : 0;
    *rest = wt_span_cut(*rest, prefix, SIZE_MAX);
    if (!prefix || n > rest->n)
        return false;
    *value = wt_span_cut(*rest, 0, (size_t)n);
    *rest = wt_span_cut(*rest, value->n, SIZE_MAX);
    return true;
}

bool wt_ext_quic_next(struct wt_ext_quic_transport_parameters *rest, uint64_t *id, struct wt_span *value)
{
    return rest->old ? next_old(&rest->parameters, id, value) : next_new(&rest->parameters, id, value);
}

static bool is_whole(struct wt_ext_quic_transport_parameters rest)
{
    struct wt_span value;
    uint64_t id;
    while (rest.parameters.n)
        if (!wt_ext_quic_next(&rest, &id, &value))
            return false;
    return true;
}

/* Number 0xffa5 had both forms, and a hello says nothing of the draft. In the old one the first 16 bits are the length
 * of what follows, and parameters fill that: what begins so and is whole in the new form has but one, of 2 bytes less
 * than the body. */
struct wt_ext_quic_transport_parameters wt_ext_quic_of(uint16_t extension, struct wt_span body)
{
    enum { PREFIX = 2 };
    const struct wt_ext_quic_transport_parameters now = {body, false},
                                                  old = {wt_span_cut(body, PREFIX, SIZE_MAX), true};
    const bool may_be_old =
        extension == WT_EXT_QUIC_TRANSPORT_PARAMETERS_DRAFT && body.n >= PREFIX && wt_get16(body.p) == body.n - PREFIX;
    return may_be_old && (is_whole(old) || !is_whole(now)) ? old : now;
}

/* RFC 9000, 18.2: those whose value is a variable-length integer. */
bool wt_ext_quic_is_number(uint64_t id)
{
    return id == 0x01 || (id >= 0x03 && id <= 0x0b) || id == 0x0e || id == 0x20 /* RFC 9221 */;
}

/* Of a number the length is part of its field, as that of any vector is. */
static bool read_number(struct wt_reader *r, uint64_t id, unsigned prefix, uint64_t n)
{
    const struct wt_span left = {r->p, wt_reader_left(r)}, value = wt_span_cut(left, prefix, (size_t)n);
    uint64_t number;
    if (!prefix || !wt_ext_quic_is_number(id) || n != value.n || !wt_ext_quic_number(value, &number))
        return false;
    r->p += prefix;
    if (r->decode->trail)
        wt_reader_note(r, "transport_parameter_value", value.n, number, WT_TRAIL_NUMBER, 0, prefix);
    r->p += n;
    return true;
}

static uint64_t read_new(struct wt_reader *r)
{
    uint64_t n = 0;
    size_t mark = wt_read_enter(r, "transport_parameter");
    const uint64_t id = wt_read_varint(r, "transport_parameter_id", WT_REG_QUIC_PARAMETER);
    const struct wt_span left = {r->p, wt_reader_left(r)};
    const unsigned prefix = wt_get_varint(left, &n);
    if (!prefix)
        (void)wt_read_varint(r, "transport_parameter_length", 0); /* which is not there: the error */
    else if (!read_number(r, id, prefix, n))
        (void)wt_read_varint_opaque(r, "transport_parameter_value", 0, SIZE_MAX, WT_TRAIL_BYTES);
    wt_read_leave(r, mark);
    return id;
}

static uint64_t read_old(struct wt_reader *r)
{
    enum { PREFIX = 2 };
    size_t mark = wt_read_enter(r, "transport_parameter");
    const uint16_t id = wt_read_code16(r, "transport_parameter_id", WT_REG_QUIC_PARAMETER);
    const bool has_length = wt_reader_left(r) >= PREFIX;
    if (!has_length || !read_number(r, id, PREFIX, wt_get16(r->p)))
        (void)wt_read_opaque(r, "transport_parameter_value", PREFIX, 0, UINT16_MAX, WT_TRAIL_BYTES);
    wt_read_leave(r, mark);
    return id;
}

/* What was there before. Numbers of 16 bits are all that IANA gives out by its usual ways; of longer ones (GREASE,
 * private ones) a few are remembered. */
struct ids {
    struct wt_ext_seen low;
    uint64_t high[WT_LIMIT_QUIC_PARAMETERS];
    size_t n;
};

static enum wt_code add(struct ids *ids, uint64_t id)
{
    if (id <= 0xffff)
        return wt_ext_seen_add(&ids->low, (uint16_t)id) ? WT_DUPLICATE : WT_OK;
    for (size_t i = 0; i < ids->n; i++)
        if (ids->high[i] == id)
            return WT_DUPLICATE;
    if (ids->n == WT_LIMIT_QUIC_PARAMETERS)
        return WT_LIMIT;
    ids->high[ids->n++] = id;
    return WT_OK;
}

static void read_all(struct wt_reader *r, bool old, union wt_ext_body *out)
{
    struct ids ids;
    struct wt_error first = {0};
    struct wt_reader list = old ? wt_read_vector(r, "transport_parameters", 2, 0, UINT16_MAX, WT_TRAIL_LIST)
                                : wt_read_part(r, "transport_parameters", wt_reader_left(r), WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    wt_ext_seen_clear(&ids.low);
    ids.n = 0;
    while (wt_reader_left(&list)) {
        size_t offset = wt_reader_offset(&list);
        uint64_t id = old ? read_old(&list) : read_new(&list);
        enum wt_code code = add(&ids, id);
        if (code != WT_OK && first.code == WT_OK)
            first = (struct wt_error){.code = code, .offset = offset, .value = id};
    }
    if (!wt_reader_ok(r))
        return;
    out->quic_transport_parameters = (struct wt_ext_quic_transport_parameters){all, old};
    if (first.code == WT_DUPLICATE)
        wt_reader_fail_at(r, (size_t)first.offset, WT_DUPLICATE, "transport_parameter_id", first.value, 0,
                          "RFC 9000, 7.4: \"An endpoint MUST NOT send a parameter more than once in a given transport "
                          "parameters extension.\"");
    if (first.code == WT_LIMIT)
        wt_reader_fail_at(r, (size_t)first.offset, WT_LIMIT, "transport_parameters", ids.n + 1,
                          WT_LIMIT_QUIC_PARAMETERS, NULL);
}

void wt_ext_quic_transport_parameters_read(struct wt_reader *r, const struct wt_codec_context *c,
                                           enum wt_ext_where where, union wt_ext_body *out)
{
    (void)c;
    (void)where;
    read_all(r, false, out);
}

void wt_ext_quic_transport_parameters_write(struct wt_writer *w, const struct wt_codec_context *c,
                                            enum wt_ext_where where, const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    if (in->quic_transport_parameters.old)
        wt_write_opaque(w, in->quic_transport_parameters.parameters, 2, 0, UINT16_MAX, "transport_parameters");
    else
        wt_write_bytes(w, in->quic_transport_parameters.parameters);
}

void wt_ext_quic_transport_parameters_draft_read(struct wt_reader *r, const struct wt_codec_context *c,
                                                 enum wt_ext_where where, union wt_ext_body *out)
{
    const struct wt_span body = {r->p, wt_reader_left(r)};
    (void)c;
    (void)where;
    read_all(r, wt_ext_quic_of(WT_EXT_QUIC_TRANSPORT_PARAMETERS_DRAFT, body).old, out);
}

void wt_ext_quic_transport_parameters_draft_write(struct wt_writer *w, const struct wt_codec_context *c,
                                                  enum wt_ext_where where, const union wt_ext_body *in)
{
    wt_ext_quic_transport_parameters_write(w, c, where, in);
}
