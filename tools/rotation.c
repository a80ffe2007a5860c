#include "rotation.h"

#include "common.h"
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#define BACK 1000000     /* nanoseconds: packets of several queues are not quite in order */
#define PAUSE 2000000000 /* the next piece begins with the packet that comes next */

struct tool_piece tool_piece_first(const char *name)
{
    struct tool_piece piece = {0};
    struct wt_error error;
    struct wt_packet packet;
    if (!strcmp(name, "-") || tool_capture_is_pipe(name))
        return piece;
    struct wt_capture *capture = wt_capture_open(name, &error);
    if (capture && wt_capture_next(capture, &packet))
        piece = (struct tool_piece){true, packet.link, packet.time};
    if (capture)
        wt_capture_close(capture);
    return piece;
}

static struct tool_piece piece_last(const char *name)
{
    struct tool_piece piece = {0};
    struct wt_error error;
    struct wt_packet packet;
    struct wt_capture *capture = tool_capture_is_pipe(name) ? NULL : wt_capture_open(name, &error);
    while (capture && wt_capture_next(capture, &packet))
        piece = (struct tool_piece){true, packet.link, packet.time};
    if (capture)
        wt_capture_close(capture);
    return piece;
}

static size_t digits(const char *text)
{
    return strspn(text, "0123456789");
}

/* Names that differ in numbers alone; tcpdump's first has none: FILE, FILE1, FILE2. */
bool tool_rotation_names(const char *a, const char *b)
{
    bool differ = false;
    while (*a || *b) {
        size_t m = digits(a), n = digits(b);
        if (!m && !n && *a != *b)
            return false;
        if ((m || n) && (m != n || memcmp(a, b, m) != 0))
            differ = true;
        if (m || n) {
            if ((!m && *a) || (!n && *b))
                return false;
            a += m;
            b += n;
        } else {
            a++;
            b++;
        }
    }
    return differ;
}

bool tool_rotation_goes_on(const struct tool_piece *last, const struct tool_piece *first)
{
    int64_t pause = first->time.ns - last->time.ns;
    return last->any && first->any && first->link == last->link && pause >= -BACK && pause <= PAUSE;
}

int tool_rotation_count(const struct tool_command *command, char **names, int count, bool rotated)
{
    int n = 1;
    while (!rotated && n < count && tool_rotation_names(names[n - 1], names[n])) {
        const struct tool_piece last = piece_last(names[n - 1]), first = tool_piece_first(names[n]);
        if (!tool_rotation_goes_on(&last, &first))
            break;
        tool_complain(command, _("%s continues %s: they are read as one capture, and packets are counted on"), names[n],
                      names[n - 1]);
        n++;
    }
    return rotated ? count : n;
}

void tool_rotation_resume(struct wt_observer *observer, const char *name)
{
    const struct tool_piece first = tool_piece_first(name);
    if (first.any)
        wt_observer_resumes(observer, first.time);
}

struct entry {
    char *name;
    struct tool_piece first;
    int at;
};

static int compare(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    if (x->first.any && y->first.any && x->first.time.ns != y->first.time.ns)
        return x->first.time.ns < y->first.time.ns ? -1 : 1;
    return x->at - y->at;
}

void tool_rotation_sort(char **names, int count)
{
    struct entry *list = tool_checked(calloc((size_t)count, sizeof *list));
    if (!list)
        return;
    for (int i = 0; i < count; i++)
        list[i] = (struct entry){names[i], tool_piece_first(names[i]), i};
    qsort(list, (size_t)count, sizeof *list, compare);
    for (int i = 0; i < count; i++)
        names[i] = list[i].name;
    free(list);
}
