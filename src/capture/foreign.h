/* Files of other formats, so that they can be named and what converts them. */
#ifndef WT_CAPTURE_FOREIGN_H
#define WT_CAPTURE_FOREIGN_H

#include "base/span.h"
#include "wiretale/error.h"

/* What a file is that is no capture, by its first bytes: WT_FORMAT with its name as `field` and what converts it as
 * `rule` ("": nothing does, it has no packets; NULL: not known, and `field` is "capture"). */
struct wt_error wt_foreign_error(struct wt_span first);

#endif
