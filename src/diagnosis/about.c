/* Which message a finding speaks of: a packet may hold a whole flight. */
#include "diagnosis/about.h"

#include "registry/registry.h"

enum { ANY = 0 };

static const struct about {
    uint8_t finding; /* enum wt_finding_id */
    uint8_t content_type;
    uint8_t type;
    uint16_t flags;
} rows[] = {
#define WT_ABOUT(id, type) {WT_FINDING_##id, WT_CONTENT_HANDSHAKE, WT_HANDSHAKE_##type, WT_MESSAGE_TYPED},
#define WT_ABOUT_FLAG(id, flag) {WT_FINDING_##id, ANY, ANY, flag},
#define WT_ABOUT_CONTENT(id, type) {WT_FINDING_##id, WT_CONTENT_##type, ANY, 0},
#include "diagnosis/about.def"
#undef WT_ABOUT
#undef WT_ABOUT_FLAG
#undef WT_ABOUT_CONTENT
};

static bool fits(const struct wt_message *m, const struct about *row)
{
    return (row->content_type == ANY || m->content_type == row->content_type) &&
           (row->type == ANY || m->type == row->type) && (m->flags & row->flags) == row->flags;
}

/* One more than the index of the first that fits; 0: none does. */
static size_t find(const struct wt_message *messages, size_t count, uint32_t frame, const struct about *row)
{
    for (size_t i = 0; i < count; i++)
        if (messages[i].frame == frame && fits(&messages[i], row))
            return i + 1;
    return 0;
}

uint32_t wt_finding_about(const struct wt_list_finding *finding, bool cause, const struct wt_message *messages,
                          size_t count)
{
    /* RFC 8446, 6.2: "Upon transmission or receipt of a fatal alert message, both parties MUST immediately close the
     * connection": where a cause stands at a packet with an alert it is what that alert says. */
    static const struct about alert = {.content_type = WT_CONTENT_ALERT};
    size_t found = 0;
    if (!finding->frame || !count)
        return 0;
    for (size_t i = 0; !found && i < sizeof rows / sizeof *rows; i++)
        if (rows[i].finding == finding->row)
            found = find(messages, count, finding->frame, &rows[i]);
    if (!found && cause)
        found = find(messages, count, finding->frame, &alert);
    return (uint32_t)found;
}
