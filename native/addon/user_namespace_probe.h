/*
 * Whether this user may make a user namespace that is of use: some hosts let it be made and then refuse everything inside
 * (Ubuntu's kernel.apparmor_restrict_unprivileged_userns), so that only trying tells.
 */
#ifndef LEEWARD_ADDON_USER_NAMESPACE_PROBE_H
#define LEEWARD_ADDON_USER_NAMESPACE_PROBE_H

namespace leeward {

struct UserNamespaceProbe {
    const char *step = nullptr; /* the first step that failed; null: all went well */
    int errno_value = 0;
};

/* Tries in a child that lives for this only. When the child itself could not be made, the step is "fork". */
UserNamespaceProbe ProbeUserNamespace();

}  // namespace leeward

#endif
