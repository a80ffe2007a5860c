/* quic_transport_parameters: RFC 9000, 18; RFC 9001, 8.2; number 0xffa5 in the drafts from 27 on, which had this form.
 */
#include "codec/ext/ext.h"
#include "registry/limits.h"

bool wt_ext_quic_number(struct wt_span value, uint64_t *number)
{
    return value.n && wt_get_varint(value, number) == value.n;
}

bool wt_ext_quic_next(struct wt_span *rest, uint64_t *id, struct wt_span *value)
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

/* RFC 9000, 18.2: those whose value is a variable-length integer. */
bool wt_ext_quic_is_number(uint64_t id)
{
    return id == 0x01 || (id >= 0x03 && id <= 0x0b) || id == 0x0e || id == 0x20 /* RFC 9221 */;
}

static uint64_t read_parameter(struct wt_reader *r)
{
    uint64_t number = 0, n = 0;
    size_t mark = wt_read_enter(r, "transport_parameter");
    const uint64_t id = wt_read_varint(r, "transport_parameter_id", WT_REG_QUIC_PARAMETER);
    const struct wt_span left = {r->p, wt_reader_left(r)};
    const unsigned prefix = wt_get_varint(left, &n);
    const struct wt_span value = wt_span_cut(left, prefix, (size_t)n);
    if (prefix && wt_ext_quic_is_number(id) && n == value.n && wt_ext_quic_number(value, &number)) {
        r->p += prefix;
        if (r->decode->trail)
            wt_reader_note(r, "transport_parameter_value", value.n, number, WT_TRAIL_NUMBER, 0, prefix);
        r->p += n;
    } else if (!prefix) {
        (void)wt_read_varint(r, "transport_parameter_length", 0); /* which is not there: the error */
    } else {
        (void)wt_read_varint_opaque(r, "transport_parameter_value", 0, SIZE_MAX, WT_TRAIL_BYTES);
    }
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

void wt_ext_quic_transport_parameters_read(struct wt_reader *r, const struct wt_codec_context *c,
                                           enum wt_ext_where where, union wt_ext_body *out)
{
    struct ids ids;
    struct wt_error first = {0};
    (void)c;
    (void)where;
    struct wt_reader list = wt_read_part(r, "transport_parameters", wt_reader_left(r), WT_TRAIL_LIST);
    struct wt_span all = {list.p, wt_reader_left(&list)};
    wt_ext_seen_clear(&ids.low);
    ids.n = 0;
    while (wt_reader_left(&list)) {
        size_t offset = wt_reader_offset(&list);
        uint64_t id = read_parameter(&list);
        enum wt_code code = add(&ids, id);
        if (code != WT_OK && first.code == WT_OK)
            first = (struct wt_error){.code = code, .offset = offset, .value = id};
    }
    if (!wt_reader_ok(r))
        return;
    out->quic_transport_parameters.parameters = all;
    if (first.code == WT_DUPLICATE)
        wt_reader_fail_at(r, (size_t)first.offset, WT_DUPLICATE, "transport_parameter_id", first.value, 0,
                          "RFC 9000, 7.4: \"An endpoint MUST NOT send a parameter more than once in a given transport "
                          "parameters extension.\"");
    if (first.code == WT_LIMIT)
        wt_reader_fail_at(r, (size_t)first.offset, WT_LIMIT, "transport_parameters", ids.n + 1,
                          WT_LIMIT_QUIC_PARAMETERS, NULL);
}

void wt_ext_quic_transport_parameters_write(struct wt_writer *w, const struct wt_codec_context *c,
                                            enum wt_ext_where where, const union wt_ext_body *in)
{
    (void)c;
    (void)where;
    wt_write_bytes(w, in->quic_transport_parameters.parameters);
}
