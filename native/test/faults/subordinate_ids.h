/* A host that gives the ordinary user of these tests subordinate ids, as far as the test's own mount namespace can see. */
#ifndef LW_FAULT_SUBORDINATE_IDS_H
#define LW_FAULT_SUBORDINATE_IDS_H

/* 1 where the package uidmap is installed, whose tools are the only ones that may map them. */
int subordinate_ids_tools(void);

/* Lays files of `directory`, which it makes, over /etc: subuid, subgid, and a passwd that names the user. Returns 0 or -1. */
int subordinate_ids_give(const char *directory);

#endif
