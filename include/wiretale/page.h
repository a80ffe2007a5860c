/* One file of HTML that shows every connection it was given: self-contained, loads nothing, opens from disk.
 *
 *     struct wt_observer_options options = {.neutral = true, .keep_messages = true, .keep_packet_headers = true, …};
 *     struct wt_page *page = wt_page_new(NULL);
 *     … wt_page_add(page, connection);             from the observer's callback
 *     wt_page_write(page, &output, summary, overview);
 *     wt_page_free(page);
 */
#ifndef WIRETALE_PAGE_H
#define WIRETALE_PAGE_H

#include "wiretale/report.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { WT_PAGE_CONNECTIONS = 10000 };

/* All zero but `size` is the default of each. */
struct wt_page_options {
    size_t size;   /* sizeof(struct wt_page_options) */
    uint32_t most; /* connections that the page holds; those that come later are counted. 0: WT_PAGE_CONNECTIONS */
    bool secrets;  /* show secrets and plaintext, where the stories have them, with a mark that says so */
    bool newest;   /* what is left out came before: the page says so */
};

struct wt_page;

/* `options` may be NULL. NULL when the system gives no memory, or an option is set that this library, older than the
 * program, does not know. */
WT_API struct wt_page *wt_page_new(const struct wt_page_options *options);

/* Takes what the page shows of the connection; nothing of it is kept otherwise. For the ladder and the bytes, messages
 * and packet headers have to be kept by the observer; what is not there is not shown. The page has its sentences in all
 * languages where the story was made with the observer's option `neutral`. False without memory: the page then lacks it,
 * and says so. */
WT_API bool wt_page_add(struct wt_page *page, const struct wt_connection *connection);

/* Counts connections that the page is not to hold among those that were left out. */
WT_API void wt_page_leave_out(struct wt_page *page, uint64_t connections);

/* Connections that were left out so far: over the limit, or for want of memory. */
WT_API uint64_t wt_page_left_out(const struct wt_page *page);

/* Writes the page with all that was added so far; more may be added and written anew. `overview` may be NULL. False
 * without memory, or when the output has failed. */
WT_API bool wt_page_write(struct wt_page *page, struct wt_output *output, const struct wt_summary *summary,
                          const struct wt_overview *overview);

WT_API void wt_page_free(struct wt_page *page);

#ifdef __cplusplus
}
#endif
#endif
