typedef int sessions_is_to_come;
