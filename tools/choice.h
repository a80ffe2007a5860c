/* The packets of connections. */
#ifndef WIRETALE_TOOL_CHOICE_H
#define WIRETALE_TOOL_CHOICE_H

#include "wiretale/story.h"
#include "wiretale/write.h"

/* The connection's packets; of QUIC on all of its paths, which others may have between its own. False without memory.
 */
bool tool_choice_add(struct wt_choice *choice, const struct wt_connection *connection);

#endif
