/* `fields` of the JSON contract: every field of a message, with its bytes' place. */
#include "report/json/fields.h"

#include "registry/limits.h"
#include "report/fields.h"

static void value(struct wt_json *j, const struct wt_field *f)
{
    switch (f->kind) {
    case WT_FIELD_NUMBER:
        wt_json_member_number(j, "value", f->number);
        break;
    case WT_FIELD_CODE:
        wt_json_key(j, "value");
        wt_json_code(j, f->number, f->length);
        break;
    case WT_FIELD_TEXT:
        wt_json_key(j, "value");
        wt_json_wire(j, wt_span_cut(f->bytes, 0, WT_LIMIT_JSON_BYTES));
        break;
    case WT_FIELD_OID:
        wt_json_member_text(j, "value", f->text);
        break;
    case WT_FIELD_BYTES:
        wt_json_key(j, "value");
        wt_json_hex(j, wt_span_cut(f->bytes, 0, WT_LIMIT_JSON_BYTES));
        break;
    case WT_FIELD_ERROR:
        wt_json_member_text(j, "error", f->text);
        break;
    default:
        break;
    }
    if (f->value_name)
        wt_json_member_text(j, "name", f->value_name);
}

static bool field(void *context, const struct wt_field *f)
{
    struct wt_json *j = context;
    wt_json_open(j, '{');
    wt_json_member_text(j, "path", f->path);
    wt_json_member_number(j, "offset", f->offset);
    if (f->kind != WT_FIELD_ERROR) {
        wt_json_member_number(j, "length", f->length);
        wt_json_member_number(j, "prefix", f->prefix);
    }
    value(j, f);
    wt_json_close(j, '}');
    return !j->output->failed;
}

void wt_json_fields(struct wt_json *j, const struct wt_message *m)
{
    if (!m->body.n)
        return;
    wt_json_key(j, "fields");
    wt_json_open(j, '[');
    (void)wt_fields_whole(m, field, j);
    wt_json_close(j, ']');
}
