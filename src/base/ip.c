typedef int ip_is_to_come;
