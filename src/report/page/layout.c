#include "report/page/layout.h"

#include "base/array.h"
#include "base/uninitialized.h"
#include "registry/registry.h"
#include "report/explain/here.h"
#include "report/page/block.h"

/* What two messages of one layout have in common of a field. Without room between its members: it is compared as
 * bytes. */
struct step {
    const char *field;
    uint64_t value; /* where it is given, or says which extension it is */
    uint32_t offset, length, given;
    uint8_t prefix, depth, form, kind;
};
_Static_assert(sizeof(struct step) == sizeof(char *) + 24, "a step has room between its members");

static bool is_number(const struct wt_trail_event *e)
{
    return e->form == WT_TRAIL_NUMBER || e->form == WT_TRAIL_CODE;
}

/* Whether its value is something else than its bytes: a number of DER or QUIC has others in it. */
static bool is_given(const struct wt_trail_event *e, const uint8_t *base)
{
    uint64_t value = 0;
    if (!is_number(e))
        return e->form == WT_TRAIL_OID;
    if (e->length > sizeof value)
        return true;
    for (uint32_t i = 0; i < e->length; i++)
        value = value << 8 | base[e->offset + i];
    return value != e->value;
}

static void add_step(struct wt_buffer *key, const struct wt_trail_event *e, const uint8_t *base)
{
    const bool given = is_given(e, base);
    const bool decides = given || (e->form == WT_TRAIL_CODE && e->kind == WT_REG_EXTENSION);
    const struct step step = {.field = e->field,
                              .value = decides ? e->value : 0,
                              .offset = e->offset,
                              .length = e->length,
                              .given = given,
                              .prefix = e->prefix,
                              .depth = e->depth,
                              .form = e->form,
                              .kind = e->kind};
    (void)wt_buffer_add(key, &step, sizeof step);
    if (e->form == WT_TRAIL_OID)
        (void)wt_buffer_add(key, base + e->offset, e->length);
}

void wt_page_layout_code(struct wt_page *p, const struct wt_trail_event *e)
{
    wt_page_code(&p->names, e->kind, e->value);
    if (e->kind == WT_REG_CIPHER_SUITE)
        wt_page_suite(&p->names, (uint16_t)e->value);
}

void wt_page_layout_row(struct wt_page *p, struct wt_json *j, const struct wt_field_walk *at, bool extension,
                        const struct wt_trail_event *e, const uint8_t *base, bool given)
{
    char room[WT_FIELDS_OID];
    const char *name;
    wt_json_open(j, '[');
    wt_json_number(j, extension ? wt_page_extension(&p->names, at->where, e->field, at->extension)
                                : wt_page_field(&p->names, at->where, e->field));
    wt_json_number(j, e->depth);
    wt_json_number(j, e->offset);
    wt_json_number(j, e->prefix);
    wt_json_number(j, e->length);
    wt_json_number(j, wt_field_kind(e));
    if (e->form == WT_TRAIL_OID) {
        wt_json_text(j, wt_fields_oid(wt_span_of(base + e->offset, e->length), room, &name));
        if (name)
            wt_page_oid(&p->names, room, name);
    } else if (given) {
        wt_json_number(j, e->value);
    } else if (e->form == WT_TRAIL_CODE) {
        wt_json_null(j);
    }
    if (e->form == WT_TRAIL_CODE) {
        wt_json_null(j);
        wt_json_number(j, e->kind);
    }
    wt_json_close(j, ']');
}

/* What has to be asked of messages of this layout. */
static void ask(struct wt_page *p, size_t layout, size_t i, const struct wt_field_walk *at)
{
    const enum wt_explain_topic topic = wt_explain_topic(at->where, at->trail->events[i].field);
    if (topic == WT_TOPIC_NONE)
        return;
    if (!wt_array_grow(&p->asks, p->ask_count, &p->ask_room, sizeof *p->asks, 64)) {
        p->values.failed = true;
        return;
    }
    p->asks[p->ask_count++] = (struct wt_page_ask){(uint32_t)i, (uint8_t)topic};
    p->values.list[layout].count++;
}

static void write(struct wt_page *p, size_t layout, const char *place, const struct wt_trail *trail,
                  const uint8_t *base)
{
    struct wt_field_walk at = {trail, place, place, 0, 0};
    struct wt_output output;
    struct wt_json j WT_UNINITIALIZED;
    p->values.list[layout].first = (uint32_t)p->ask_count;
    wt_page_values_write(&p->values, &j, &output);
    wt_json_open(&j, '[');
    for (size_t i = 0; i < trail->n; i++) {
        const struct wt_trail_event *e = &trail->events[i];
        const bool extension = wt_field_walk_to(&at, i);
        wt_page_layout_row(p, &j, &at, extension, e, base, is_given(e, base));
        ask(p, layout, i, &at);
        p->values.list[layout].holds |= wt_fields_may_hold(e);
    }
    wt_json_close(&j, ']');
    wt_json_flush(&j);
}

size_t wt_page_layout(struct wt_page *p, const char *place, const struct wt_trail *trail, const uint8_t *base)
{
    struct wt_buffer *key = &p->key;
    bool is_new;
    key->n = 0;
    (void)wt_buffer_add(key, &place, sizeof place);
    for (size_t i = 0; i < trail->n; i++) {
        add_step(key, &trail->events[i], base);
        if (trail->events[i].form == WT_TRAIL_CODE)
            wt_page_layout_code(p, &trail->events[i]);
    }
    if (key->failed) {
        p->values.failed = true;
        return SIZE_MAX;
    }
    const size_t layout = wt_page_values_enter(&p->values, WT_PAGE_LAYOUT, wt_buffer_span(key), &is_new);
    if (is_new)
        write(p, layout, place, trail, base);
    return layout;
}

void wt_page_layout_notes(struct wt_page *p, struct wt_buffer *notes, size_t layout, struct wt_text *x,
                          const struct wt_message *m, const struct wt_trail *trail)
{
    size_t certificates = 0;
    struct wt_output output = wt_page_to(notes);
    struct wt_json j WT_UNINITIALIZED;
    if (layout == SIZE_MAX || !p->values.list[layout].count)
        return;
    const struct wt_page_value *value = &p->values.list[layout];
    wt_json_start(&j, &output);
    for (size_t i = 0; i < value->count; i++) {
        const struct wt_page_ask *one = &p->asks[value->first + i];
        const enum wt_explain_topic topic = (enum wt_explain_topic)one->topic;
        const size_t nth = topic == WT_TOPIC_CERTIFICATE ? certificates++ : 0;
        const char *text = wt_explain_here(x, m, topic, &trail->events[one->row], nth);
        if (!text)
            continue;
        wt_json_number(&j, one->row);
        wt_json_text(&j, text);
    }
    wt_json_flush(&j);
}
