typedef int pipeline_is_to_come;
