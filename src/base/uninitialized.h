/* Release builds set locals to zero, so that what is used by mistake is no stranger's. A large one that is filled piece
 * by piece, on the way of every connection, says here that it need not be. */
#ifndef WT_BASE_UNINITIALIZED_H
#define WT_BASE_UNINITIALIZED_H

#if defined(__has_attribute)
#if __has_attribute(uninitialized)
#define WT_UNINITIALIZED __attribute__((uninitialized))
#endif
#endif
#ifndef WT_UNINITIALIZED
#define WT_UNINITIALIZED
#endif

#endif
